#include "kernel/netlink/ctnetlink_stat.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <algorithm>
#include <string>

#include "kernel/netlink/ctnetlink_exchange.h"

namespace conntrack::kernel {
namespace {

/// The attribute of each StatCounter.
constexpr std::array<std::uint16_t, kStatCounters> kCounterAttributes = {
    CTA_STATS_FOUND,         CTA_STATS_INVALID,      CTA_STATS_INSERT, CTA_STATS_INSERT_FAILED,
    CTA_STATS_DROP,          CTA_STATS_EARLY_DROP,   CTA_STATS_ERROR,  CTA_STATS_SEARCH_RESTART,
    CTA_STATS_CLASH_RESOLVE, CTA_STATS_CHAIN_TOOLONG};

/// Visits the 32-bit attributes after the nfgenmsg of a statistics message.
template <class Visit>
Result<nfgenmsg> ReadNumbers(Bytes payload, Visit&& visit) {
  nfgenmsg header;
  if (payload.size() < sizeof(header)) {
    return Fail(ErrorKind::kMalformed, "ctnetlink sent a statistics message of " +
                                           std::to_string(payload.size()) + " bytes");
  }
  std::memcpy(&header, payload.data(), sizeof(header));
  bool widths_ok = true;
  const bool whole = ForEachAttribute(payload.subspan(NLMSG_ALIGN(sizeof(header))),
                                      [&](std::uint16_t type, Bytes value) {
                                        const auto number = ReadBe32(value);
                                        widths_ok = widths_ok && number.has_value();
                                        if (number) visit(type, *number);
                                      });
  if (!whole || !widths_ok)
    return Fail(ErrorKind::kMalformed,
                "ctnetlink sent a statistics attribute that is not 32 bits wide");
  return header;
}

}  // namespace

Result<void> AddCpuStatMessage(Bytes payload, ConntrackStat& stat) {
  CpuStat cpu;
  const auto header = ReadNumbers(payload, [&](std::uint16_t type, std::uint32_t number) {
    const auto* known = std::ranges::find(kCounterAttributes, type);
    if (known != kCounterAttributes.end()) {
      cpu.counters[static_cast<std::size_t>(known - kCounterAttributes.begin())] = number;
    } else if (type > CTA_STATS_CHAIN_TOOLONG) {  // lower ones (SEARCHED, NEW) are dead
      auto name = "attribute " + std::to_string(type);
      if (std::ranges::find(stat.unknown, name) == stat.unknown.end()) {
        stat.unknown.push_back(std::move(name));
      }
    }
  });
  if (!header) return Fail(header.error());
  cpu.cpu = be16toh(header->res_id);
  stat.cpus.push_back(cpu);
  return {};
}

Result<TableStat> ParseTableStatMessage(Bytes payload) {
  TableStat table;
  const auto header = ReadNumbers(payload, [&](std::uint16_t type, std::uint32_t number) {
    if (type == CTA_STATS_GLOBAL_ENTRIES) table.entries = number;
    if (type == CTA_STATS_GLOBAL_MAX_ENTRIES) table.limit = number;
  });
  if (!header) return Fail(header.error());
  return table;
}

Result<std::uint32_t> ParseExpectationMessage(Bytes payload) {
  std::optional<std::uint32_t> created;
  std::optional<std::uint32_t> deleted;
  const auto header = ReadNumbers(payload, [&](std::uint16_t type, std::uint32_t number) {
    if (type == CTA_STATS_EXP_CREATE) created = number;
    if (type == CTA_STATS_EXP_DELETE) deleted = number;
  });
  if (!header) return Fail(header.error());
  if (!created || !deleted) return Fail(ErrorKind::kAbsent, "ctnetlink counts no expectations");
  return *created - *deleted;
}

Result<ConntrackStat> ReadStatPerCpu(const NetlinkSocketFactory& open) {
  auto stat = QueryValue<ConntrackStat>(open, CtnetlinkQuery::kStatPerCpu, AddCpuStatMessage);
  if (stat && stat->cpus.empty()) {
    return Fail(ErrorKind::kMalformed, "ctnetlink answered without the statistics of any CPU");
  }
  return stat;
}

Result<TableStat> ReadTableStat(const NetlinkSocketFactory& open) {
  return QueryValue<TableStat>(
      open, CtnetlinkQuery::kStatGlobal, [](Bytes payload, TableStat& table) {
        return ParseTableStatMessage(payload).map([&table](TableStat sent) { table = sent; });
      });
}

Result<std::uint32_t> ReadExpectations(const NetlinkSocketFactory& open) {
  return QueryValue<std::uint32_t>(
      open, CtnetlinkQuery::kExpectationsPerCpu, [](Bytes payload, std::uint32_t& sum) {
        return ParseExpectationMessage(payload).map([&sum](std::uint32_t sent) { sum += sent; });
      });
}

}  // namespace conntrack::kernel
