#include "collectors/flows/flow_tally.h"

namespace conntrack {

FlowTally::FlowTally(const FlowTallyOptions& options) {
  if (options.talkers) talkers_.emplace(*options.talkers);
  if (options.snat_top) snat_.emplace(*options.snat_top);
}

void FlowTally::Begin() {
  counts_.Begin();
  if (talkers_) talkers_->Begin();
  if (snat_) snat_->Begin();
}

void FlowTally::Visit(const kernel::Flow& flow) {
  counts_.Visit(flow);
  if (talkers_) talkers_->Visit(flow);
  if (snat_) snat_->Visit(flow);
}

FlowSummary FlowTally::Summary() const {
  FlowSummary summary{counts_, {}, {}};
  if (talkers_) summary.talkers = talkers_->Summary();
  if (snat_) summary.snat = snat_->Summary();
  return summary;
}

}  // namespace conntrack
