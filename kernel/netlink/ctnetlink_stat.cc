#include "kernel/netlink/ctnetlink_stat.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <algorithm>
#include <string>

#include "kernel/netlink/ctnetlink_exchange.h"

namespace conntrack::kernel {
namespace {

std::optional<StatCounter> CounterOf(std::uint16_t type) {
  switch (type) {
    case CTA_STATS_FOUND:
      return StatCounter::kFound;
    case CTA_STATS_INVALID:
      return StatCounter::kInvalid;
    case CTA_STATS_INSERT:
      return StatCounter::kInsert;
    case CTA_STATS_INSERT_FAILED:
      return StatCounter::kInsertFailed;
    case CTA_STATS_DROP:
      return StatCounter::kDrop;
    case CTA_STATS_EARLY_DROP:
      return StatCounter::kEarlyDrop;
    case CTA_STATS_ERROR:
      return StatCounter::kError;
    case CTA_STATS_SEARCH_RESTART:
      return StatCounter::kSearchRestart;
    case CTA_STATS_CLASH_RESOLVE:
      return StatCounter::kClashResolve;
    case CTA_STATS_CHAIN_TOOLONG:
      return StatCounter::kChainTooLong;
    default:
      return std::nullopt;
  }
}

/// Visits the 32-bit attributes behind the nfgenmsg of a statistics message.
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
    if (const auto counter = CounterOf(type)) {
      cpu[*counter] = number;
    } else if (type >
               CTA_STATS_CHAIN_TOOLONG) {  // below: SEARCHED, NEW and the like, dead and left out
      auto name = "attribute " + std::to_string(type);
      if (std::find(stat.unknown.begin(), stat.unknown.end(), name) == stat.unknown.end()) {
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

Result<ConntrackStat> ReadStatPerCpu(const OpenNetlinkPort& open) {
  ConntrackStat stat;
  const auto outcome = AskAndParse(
      open, CtnetlinkQuery::kStatPerCpu, [&] { stat = {}; },
      [&](Bytes payload) { return AddCpuStatMessage(payload, stat); });
  if (!outcome) return Fail(outcome.error());
  if (stat.cpus.empty())
    return Fail(ErrorKind::kMalformed, "ctnetlink answered without the statistics of any CPU");
  return stat;
}

Result<TableStat> ReadTableStat(const OpenNetlinkPort& open) {
  TableStat table;
  const auto outcome = AskAndParse(
      open, CtnetlinkQuery::kStatGlobal, [&] { table = {}; },
      [&](Bytes payload) -> Result<void> {
        const auto parsed = ParseTableStatMessage(payload);
        if (!parsed) return Fail(parsed.error());
        table = *parsed;
        return {};
      });
  if (!outcome) return Fail(outcome.error());
  return table;
}

Result<std::uint32_t> ReadExpectations(const OpenNetlinkPort& open) {
  std::uint32_t expectations = 0;
  const auto outcome = AskAndParse(
      open, CtnetlinkQuery::kExpectationsPerCpu, [&] { expectations = 0; },
      [&](Bytes payload) -> Result<void> {
        const auto parsed = ParseExpectationMessage(payload);
        if (!parsed) return Fail(parsed.error());
        expectations += *parsed;
        return {};
      });
  if (!outcome) return Fail(outcome.error());
  return expectations;
}

}  // namespace conntrack::kernel
