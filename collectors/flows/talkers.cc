#include "collectors/flows/talkers.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include "kernel/flow.h"

namespace conntrack {
namespace {

constexpr std::size_t kTracked = 16384;
constexpr std::size_t kTrackedRoutes = 8192;

constexpr unsigned kPortBits = 17;
constexpr std::uint32_t kNoPort = 1U << 16U;
constexpr unsigned kServiceBits = 32;

Service ServiceOf(std::uint32_t key) {
  const auto port = key & ((1U << kPortBits) - 1);
  return {kernel::ProtocolName(static_cast<std::uint8_t>(key >> kPortBits)),
          port == kNoPort ? "none" : std::to_string(port)};
}

}  // namespace

Talkers::Talkers(const TalkersOptions& options)
    : top_(options.top),
      ipv4_prefix_(options.ipv4_prefix),
      ipv6_prefix_(options.ipv6_prefix),
      ipv4_mask_(MaskOf(options.ipv4_prefix)),
      ipv6_mask_(MaskOf(options.ipv6_prefix)),
      sources_(kTracked),
      destinations_(kTracked),
      services_(kTracked) {
  if (options.pairs)
    routes_.emplace(
        Routes{FrequentItems<Ends>(kTrackedRoutes), FrequentItems<Ends>(kTrackedRoutes)});
  if (options.classes.empty()) return;
  classes_.emplace(options.classes);
  class_counts_.resize(classes_->names().size());
}

void Talkers::Begin() {
  sources_.Clear();
  destinations_.Clear();
  services_.Clear();
  if (routes_) {
    routes_->pairs.Clear();
    routes_->backends.Clear();
  }
  other_family_ = 0;
  std::fill(class_counts_.begin(), class_counts_.end(), ClassCount{});
}

void Talkers::Visit(const kernel::Flow& flow) {
  const auto& [source, destination, source_port, port] = flow.original;
  const auto wanted = kernel::HasPorts(flow.protocol) ? port : kNoPort;
  const auto service = std::uint32_t{flow.protocol} << kPortBits | wanted;
  services_.Add(service);
  if (flow.family == AF_INET || flow.family == AF_INET6) {
    const auto& mask = flow.family == AF_INET ? ipv4_mask_ : ipv6_mask_;
    const Host from{Masked(source, mask), flow.family};
    const Host to{Masked(destination, mask), flow.family};
    sources_.Add(from);
    destinations_.Add(to);
    if (routes_) {
      const auto key = std::uint64_t{flow.family} << kServiceBits | service;
      routes_->pairs.Add({from.address, to.address, key});
      if ((flow.status & IPS_DST_NAT) != 0) {
        routes_->backends.Add({destination, flow.reply.source, key});
      }
    }
  } else {
    ++other_family_;
  }
  if (classes_) {
    ++class_counts_[classes_->IndexOf(flow.family, source)].as_source;
    ++class_counts_[classes_->IndexOf(flow.family, destination)].as_destination;
  }
}

TalkersSummary Talkers::Summary() const {
  TalkersSummary summary{TopHosts(sources_), TopHosts(destinations_), TopServices(), {}, {}, {}};
  for (std::size_t i = 0; i < class_counts_.size(); ++i) {
    summary.classes.push_back(
        {classes_->names()[i], class_counts_[i].as_source, class_counts_[i].as_destination});
  }
  if (routes_) {
    summary.pairs = TopRoutes(routes_->pairs, ipv4_prefix_, ipv6_prefix_);
    summary.pairs->other += other_family_;
    summary.backends = TopRoutes(routes_->backends, AddressBits(AF_INET), AddressBits(AF_INET6));
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
  return MakeTopList<Service>(services_, top_, ServiceOf);
}

TopList<Route> Talkers::TopRoutes(const FrequentItems<Ends>& routes, unsigned ipv4_prefix,
                                  unsigned ipv6_prefix) const {
  return MakeTopList<Route>(routes, top_, [=](const Ends& ends) {
    const auto family = static_cast<std::uint8_t>(ends.service >> kServiceBits);
    const auto length = static_cast<std::uint8_t>(family == AF_INET ? ipv4_prefix : ipv6_prefix);
    return Route{ToString({family, length, ends.from}), ToString({family, length, ends.to}),
                 ServiceOf(static_cast<std::uint32_t>(ends.service))};
  });
}

}  // namespace conntrack
