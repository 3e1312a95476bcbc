#include "collectors/flows/talkers.h"

#include <sys/socket.h>

#include "kernel/flow.h"

namespace conntrack {
namespace {

constexpr std::size_t kTrackedSources = 16384;

constexpr unsigned kPortBits = 17;
constexpr std::uint32_t kNoPort = 1U << 16U;

}  // namespace

Talkers::Talkers(const TalkersOptions& options)
    : top_(options.top),
      ipv4_prefix_(options.ipv4_prefix),
      ipv6_prefix_(options.ipv6_prefix),
      ipv4_mask_(MaskOf(options.ipv4_prefix)),
      ipv6_mask_(MaskOf(options.ipv6_prefix)),
      sources_(kTrackedSources),
      destinations_(kTrackedSources),
      services_(kTrackedSources) {
  if (options.classes.empty()) return;
  classes_.emplace(options.classes);
  class_counts_.resize(classes_->names().size());
}

void Talkers::Begin() {
  sources_.Clear();
  destinations_.Clear();
  services_.Clear();
  other_family_ = 0;
  std::fill(class_counts_.begin(), class_counts_.end(), ClassCount{});
}

void Talkers::Visit(const kernel::Flow& flow) {
  const auto& [source, destination, source_port, port] = flow.original;
  const auto wanted = kernel::HasPorts(flow.protocol) ? port : kNoPort;
  services_.Add(std::uint32_t{flow.protocol} << kPortBits | wanted);
  if (flow.family == AF_INET || flow.family == AF_INET6) {
    const auto& mask = flow.family == AF_INET ? ipv4_mask_ : ipv6_mask_;
    sources_.Add({Masked(source, mask), flow.family});
    destinations_.Add({Masked(destination, mask), flow.family});
  } else {
    ++other_family_;
  }
  if (classes_) {
    ++class_counts_[classes_->IndexOf(flow.family, source)].as_source;
    ++class_counts_[classes_->IndexOf(flow.family, destination)].as_destination;
  }
}

TalkersSummary Talkers::Summary() const {
  TalkersSummary summary{TopHosts(sources_), TopHosts(destinations_), TopServices(), {}};
  for (std::size_t i = 0; i < class_counts_.size(); ++i) {
    summary.classes.push_back(
        {classes_->names()[i], class_counts_[i].as_source, class_counts_[i].as_destination});
  }
  return summary;
}

TopList<std::string> Talkers::TopHosts(const FrequentItems<Host>& hosts) const {
  auto list = MakeTopList<std::string>(hosts, top_, [this](const Host& host) {
    const auto length = host.family == AF_INET ? ipv4_prefix_ : ipv6_prefix_;
    return ToString(
        {static_cast<std::uint8_t>(host.family), static_cast<std::uint8_t>(length), host.address});
  });
  list.other += other_family_;
  return list;
}

TopList<Service> Talkers::TopServices() const {
  return MakeTopList<Service>(services_, top_, [](Port of) {
    const auto port = of & ((1U << kPortBits) - 1);
    return Service{kernel::ProtocolName(static_cast<std::uint8_t>(of >> kPortBits)),
                   port == kNoPort ? "none" : std::to_string(port)};
  });
}

}  // namespace conntrack
