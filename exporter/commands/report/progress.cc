#include "exporter/commands/report/gather.h"

#include <utility>

#include "diagnosis/format.h"
#include "exporter/commands/terminal.h"

namespace conntrack::exporter::report {
namespace {

constexpr std::uint64_t kFlowsBetweenLooks = 4096;
constexpr std::chrono::seconds kBeforeFirstLine{1};
constexpr std::chrono::milliseconds kBetweenLines{250};

}  // namespace

Progress::Progress(kernel::FlowVisitor& next, std::uint64_t expected, std::ostream* line,
                   std::function<bool()> interrupted, std::stop_source stop, Clock clock)
    : next_(next),
      expected_(expected),
      line_(line),
      interrupted_(std::move(interrupted)),
      stop_(std::move(stop)),
      clock_(std::move(clock)),
      next_line_(clock_() + kBeforeFirstLine) {}

Progress::~Progress() {
  if (shown_) *line_ << kClearLine << std::flush;
}

void Progress::Begin() {
  flows_ = 0;
  next_.Begin();
}

void Progress::Visit(const kernel::Flow& flow) {
  next_.Visit(flow);
  if (++flows_ % kFlowsBetweenLooks == 0) Look();
}

void Progress::Look() {
  if (interrupted_()) stop_.request_stop();
  const auto now = clock_();
  if (line_ == nullptr || now < next_line_) return;
  next_line_ = now + kBetweenLines;
  shown_ = true;
  *line_ << kClearLine << "reading the table: " << Grouped(flows_) << " of about "
         << Grouped(expected_) << " flows" << std::flush;
}

}  // namespace conntrack::exporter::report
