#include "exporter/commands/commands.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/support/fake_collector.h"

namespace conntrack::exporter {
namespace {

using test::FakeCollector;
using testing::HasSubstr;
using testing::Not;

struct Checked {
  int code = -1;
  std::string text;
};

Checked CheckOne(const std::string& name, Result<Collection> outcome, const Options& options = {}) {
  std::vector<NamedCollector> collectors;
  collectors.push_back(
      {name, std::make_unique<FakeCollector>([&](const ScrapeContext&) { return outcome; })});
  std::ostringstream out;
  Checked checked;
  checked.code = Check(options, std::move(collectors), {}, {}, out);
  checked.text = out.str();
  return checked;
}

TEST(Check, SaysWhereFiguresComeFrom) {
  const auto checked = CheckOne("stat", Collection{{Gauge("a", "h", 1)}, {}, "procfs"});
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.text, HasSubstr("ok           stat         1 family from procfs"));
}

TEST(Check, LongNamesWidenTheirColumn) {
  const auto checked = CheckOne("of_twenty_characters", Fail(ErrorKind::kDenied, "no", "give it"));
  EXPECT_THAT(checked.text, HasSubstr("\ndenied       of_twenty_characters no\n" +
                                      std::string(34, ' ') + "remedy: give it\n"));
}

TEST(Check, SaysWhatCannotBeReadWhyAndTheRemedy) {
  const auto checked = CheckOne("flows", Fail(ErrorKind::kDenied, "refused", "give CAP_NET_ADMIN"));
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.text, HasSubstr("denied       flows        refused"));
  EXPECT_THAT(checked.text, HasSubstr("remedy: give CAP_NET_ADMIN"));
  EXPECT_THAT(checked.text, HasSubstr("needs: CAP_NET_ADMIN"));
}

TEST(Check, NamesWhatIsOffBecauseItCannotBeReadAndIsContent) {
  Options options;
  options.left_out = {{"kernel_log", Error{ErrorKind::kDenied, 1, "refused", "give CAP_SYSLOG"}}};
  const auto checked = CheckOne("stat", Collection{{}, {}, "procfs"}, options);
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.text, HasSubstr("off          kernel_log   refused\n"));
  EXPECT_THAT(checked.text, HasSubstr("remedy: give CAP_SYSLOG"));
  EXPECT_THAT(checked.text, HasSubstr("\nEvery collector that is on can read what it needs.\n"));
}

TEST(Check, NamesFlagsOfCollectorsThatAreOff) {
  Options options;
  options.without_effect = {"--collector.nat.top needs --collector.nat"};
  const auto checked = CheckOne("stat", Collection{{}, {}, "procfs"}, options);
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.text, HasSubstr("\nno effect: --collector.nat.top needs --collector.nat\n"));
}

TEST(Check, SaysWhatTheProcessHoldsAndWhatItLacks) {
  Options options;
  options.confinement.files = Fail(ErrorKind::kAbsent, "this kernel has no Landlock", "a new one");
  const std::vector<CollectorUse> uses = {
      {"flows", {Capability::kSysAdmin, "dumps", true}},
      {"table", {Capability::kSysAdmin, "more"}},
  };
  std::ostringstream out;
  EXPECT_EQ(Check(options, {}, uses, {}, out), 0);
  EXPECT_THAT(out.str(), HasSubstr("user                uid "));
  EXPECT_THAT(out.str(), HasSubstr("files               no: this kernel has no Landlock\n"));
  EXPECT_THAT(out.str(), HasSubstr("remedy: a new one\n"));
  EXPECT_THAT(out.str(), HasSubstr("needed by flows: dumps\n"));
  EXPECT_THAT(out.str(), HasSubstr("used by table: more\n"));
}

TEST(Check, WhatIsNotLoadedIsNoFailureAndNeedsNoCapability) {
  std::vector<NamedCollector> collectors;
  for (const auto* name : {"table", "flows"}) {
    collectors.push_back({name, std::make_unique<FakeCollector>([](const ScrapeContext&) {
                            return Fail(ErrorKind::kNotLoaded, "it does not track", "load it");
                          })});
  }
  const std::vector<CollectorUse> uses = {{"flows", {Capability::kSysAdmin, "dumps", true}}};
  std::ostringstream out;
  EXPECT_EQ(Check({}, std::move(collectors), uses, {}, out), 0);
  EXPECT_THAT(out.str(), HasSubstr("\nnot_loaded   table        nothing to read\n"
                                   "not_loaded   flows        nothing to read\n\n"
                                   "it does not track\nremedy: load it\n\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("CAP_NET_ADMIN")));
  EXPECT_THAT(out.str(), Not(HasSubstr("needed by")));
  EXPECT_THAT(out.str(), HasSubstr("Every collector that is on can read what is loaded.\n"));
}

TEST(Check, BeginsWithWhereItStands) {
  kernel::Place place;
  place.boot_network_namespace = false;
  place.container_sign = "/.dockerenv";
  std::ostringstream out;
  EXPECT_EQ(Check({}, {}, {}, place, out), 0);
  EXPECT_THAT(out.str(),
              HasSubstr("\nplace: its own network namespace (a container)\n"
                        "network namespace: Entries, flows, losses and timeouts are those"));
  EXPECT_THAT(out.str(),
              HasSubstr("\nremedy: to see the host's table, run it with --network host"));
}

TEST(Check, NamesThePartsThatAreLeftOut) {
  const auto checked = CheckOne(
      "table",
      Collection{
          {}, {{"conntrack_expectations", Error{ErrorKind::kAbsent, 2, "gone", ""}}}, "sysctl"});
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.text, HasSubstr("partly       table"));
  EXPECT_THAT(checked.text, HasSubstr("without conntrack_expectations: gone"));
  EXPECT_THAT(checked.text, Not(HasSubstr("remedy")));
  EXPECT_THAT(checked.text, HasSubstr("\nOnly partly read: table; "));
  EXPECT_THAT(checked.text, Not(HasSubstr("Every collector")));
}

}  // namespace
}  // namespace conntrack::exporter
