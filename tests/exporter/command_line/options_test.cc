#include "exporter/command_line/options.h"

#include <gmock/gmock.h>

#include "collectors/events/events_collector.h"
#include "collectors/flows/flow_source_choice.h"
#include "collectors/flows/flows_collector.h"
#include "collectors/flows/nat_collector.h"
#include "collectors/netns/netns_collector.h"
#include "collectors/sizing_collector.h"

namespace conntrack::exporter {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::variant<Options, EarlyExit> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "conntrack_exporter");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

Options Parsed(std::vector<const char*> arguments) {
  auto parsed = Parse(std::move(arguments));
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<Options>(parsed);
}

EarlyExit Refused(std::vector<const char*> arguments) {
  auto parsed = Parse(std::move(arguments));
  if (!std::holds_alternative<EarlyExit>(parsed)) {
    ADD_FAILURE() << "was accepted";
    return {};
  }
  return std::get<EarlyExit>(parsed);
}

TEST(Options, DefaultsServeEveryCollectorOfTheCatalogueThatIsOn) {
  const auto options = Parsed({});
  EXPECT_EQ(options.command, Command::kServe);
  EXPECT_THAT(options.listen_addresses, ElementsAre(":10318"));
  EXPECT_EQ(options.telemetry_path, "/metrics");
  EXPECT_EQ(options.max_requests, 40U);
  EXPECT_THAT(options.collectors,
              ElementsAre("table", "stat", "flows", "timeouts", "settings", "memory", "sizing",
                          "persistence", "kernel_log", "ena"));
}

TEST(Options, CollectorsThatCostAreTurnedOnByName) {
  EXPECT_THAT(Parsed({"--collector.events"}).collectors, Contains("events"));
}

TEST(Options, CollectorsAreTurnedOffByName) {
  EXPECT_THAT(Parsed({"--no-collector.flows"}).collectors, Not(Contains("flows")));
  EXPECT_THAT(Parsed({"--collector.disable-defaults", "--collector.table"}).collectors,
              ElementsAre("table"));
  EXPECT_THAT(Parsed({"--collector.netns"}).collectors, Contains("netns"));
  EXPECT_THAT(Parsed({"--collector.disable-defaults"}).collectors, ElementsAre());
}

TEST(Options, CollectorsThatAFlagNamesAreToldApart) {
  EXPECT_THAT(Parsed({}).asked_for, ElementsAre());
  EXPECT_THAT(Parsed({"--collector.kernel_log"}).asked_for, ElementsAre("kernel_log"));
  EXPECT_THAT(Parsed({"--collector.kernel_log", "--no-collector.kernel_log"}).asked_for,
              ElementsAre());
  EXPECT_THAT(Refused({"--help"}).text, HasSubstr("(on where it can be read)"));
}

TEST(Options, ListenAddressMayBeGivenSeveralTimesAndSwallowsNoCommand) {
  EXPECT_THAT(
      Parsed({"--web.listen-address=:1", "--web.listen-address", "127.0.0.1:2"}).listen_addresses,
      ElementsAre(":1", "127.0.0.1:2"));
  EXPECT_EQ(Parsed({"--web.listen-address", ":1", "check"}).command, Command::kCheck);
}

TEST(Options, WebConfigurationIsAFileOrNone) {
  EXPECT_EQ(Parsed({}).web_config_file, "");
  const auto none = Parsed({"--web.config.file=", "check"});
  EXPECT_EQ(none.web_config_file, "");
  EXPECT_EQ(none.command, Command::kCheck);
  EXPECT_EQ(Parsed({"--web.config.file=/etc/web.yml"}).web_config_file, "/etc/web.yml");
}

TEST(Options, FlagsStandBeforeOrBehindTheCommand) {
  EXPECT_EQ(Parsed({"check", "--path.procfs=/"}).procfs, "/");
  EXPECT_EQ(Parsed({"--path.procfs=/", "check"}).procfs, "/");
  EXPECT_EQ(Parsed({"serve", "--log.level=debug"}).log_level, log::Level::kDebug);
}

TEST(Options, CollectorOptionsReachTheirCollector) {
  const auto options =
      Parsed({"--collector.flows.cpu-share=0.5", "--collector.flows.max-zones=3",
              "--collector.flows.max-softirq-hold=250", "--collector.events.buffer-bytes=65536",
              "--collector.sizing.profile=nat-gateway", "--collector.netns.max=5",
              "--collector.netns.composition", "--web.disable-exporter-metrics"});
  EXPECT_EQ(options.collector_options.Get<FlowsOptions>().cpu_share, 0.5);
  EXPECT_EQ(options.collector_options.Get<FlowsOptions>().max_zones, 3U);
  EXPECT_EQ(options.collector_options.Get<FlowSourceOptions>().max_hold,
            std::chrono::milliseconds(250));
  EXPECT_EQ(options.collector_options.Get<EventsOptions>().buffer_bytes, 65536U);
  EXPECT_EQ(options.collector_options.Get<SizingOptions>().profile, SizingProfile::kNatGateway);
  EXPECT_EQ(options.collector_options.Get<NetnsOptions>().max, 5U);
  EXPECT_TRUE(options.collector_options.Get<NetnsOptions>().composition);
  EXPECT_FALSE(options.exporter_metrics);
}

TEST(Options, FlowsComeFromWhereTheFlagSays) {
  const auto source = [](const std::vector<const char*>& arguments) {
    return Parsed(arguments).collector_options.Get<FlowSourceOptions>();
  };
  EXPECT_EQ(source({}).choice, FlowSourceChoice::kAuto);
  EXPECT_EQ(source({}).threads, 1U);
  EXPECT_EQ(source({"--collector.flows.source=netlink"}).choice, FlowSourceChoice::kNetlink);
  EXPECT_EQ(source({"--collector.flows.source=bpf"}).choice, FlowSourceChoice::kBpf);
  EXPECT_EQ(source({"--collector.flows.threads=4"}).threads, 4U);
}

TEST(Options, TalkersAreOffAndTheirFlagsReachThem) {
  EXPECT_THAT(Parsed({"--collector.talkers", "--collector.nat"}).collectors,
              testing::IsSupersetOf({"talkers", "nat"}));
  const auto options =
      Parsed({"--collector.talkers.top=3", "--collector.talkers.ipv4-prefix=24",
              "--collector.talkers.ipv6-prefix=48", "--collector.talkers.class=10.0.0.0/8=inside",
              "--collector.talkers.class", "2001:db8::/32=inside", "check"})
          .collector_options.Get<TalkersOptions>();
  EXPECT_EQ(options.top, 3U);
  EXPECT_EQ(options.ipv4_prefix, 24U);
  EXPECT_EQ(options.ipv6_prefix, 48U);
  EXPECT_THAT(options.classes, ElementsAre(ParseAddressClass("10.0.0.0/8=inside").value(),
                                           ParseAddressClass("2001:db8::/32=inside").value()));
}

TEST(Options, PairsAreASwitch) {
  const auto pairs = [](std::vector<const char*> arguments) {
    return Parsed(std::move(arguments)).collector_options.Get<TalkersOptions>().pairs;
  };
  EXPECT_FALSE(pairs({}));
  EXPECT_TRUE(pairs({"--collector.talkers.pairs"}));
  EXPECT_TRUE(pairs({"report", "--collector.talkers.pairs"}));
  EXPECT_FALSE(pairs({"--collector.talkers.pairs=false"}));
}

TEST(Options, PortsOfNatAreThoseOfTheKernelOfARuleOrOfTheSysctl) {
  const auto port_range = [](std::vector<const char*> arguments) {
    return Parsed(std::move(arguments)).collector_options.Get<NatOptions>().port_range;
  };
  EXPECT_EQ(port_range({}), (kernel::PortRange{1024, 65535}));
  EXPECT_EQ(port_range({"--collector.nat.port-range=2000-2999"}), (kernel::PortRange{2000, 2999}));
  EXPECT_EQ(port_range({"--collector.nat.port-range=sysctl"}), std::nullopt);
  EXPECT_EQ(Parsed({"--collector.nat.top=7"}).collector_options.Get<NatOptions>().top, 7U);
}

TEST(Options, AClassThatIsGivenTwiceIsRefused) {
  const auto refused =
      Refused({"--collector.talkers.class=10.0.0.0/8=a", "--collector.talkers.class=10.0.0.0/8=b"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.text, HasSubstr("--collector.talkers.class: 10.0.0.0/8 is given twice"));
}

TEST(Options, WhatIsSetForACollectorThatIsOffIsNamed) {
  EXPECT_THAT(Parsed({"--collector.talkers.pairs", "--collector.nat", "--collector.nat.top=4",
                      "--no-collector.sizing", "--collector.sizing.profile=nat-gateway"})
                  .without_effect,
              ElementsAre("--collector.sizing.profile needs --collector.sizing",
                          "--collector.talkers.pairs needs --collector.talkers"));
  EXPECT_THAT(Parsed({"--collector.talkers.pairs=false"}).without_effect, testing::IsEmpty());
  // The walk is shared.
  EXPECT_THAT(Parsed({"--no-collector.flows", "--collector.nat", "--collector.flows.source=netlink",
                      "--collector.flows.max-zones=1"})
                  .without_effect,
              ElementsAre("--collector.flows.max-zones needs --collector.flows"));
  EXPECT_THAT(
      Parsed({"--collector.disable-defaults", "--collector.flows.threads=2"}).without_effect,
      ElementsAre("--collector.flows.threads needs --collector.flows"));
}

TEST(Options, ReportHasFlagsOfItsOwnBesideThoseOfAll) {
  const auto options =
      Parsed({"report", "--format=json", "--top=3", "--watch=7", "--collector.nat.top=4"});
  EXPECT_EQ(options.command, Command::kReport);
  EXPECT_EQ(options.report.format, report::ReportFormat::kJson);
  EXPECT_EQ(options.report.top, 3U);
  EXPECT_EQ(options.report.watch, std::chrono::seconds(7));
  EXPECT_EQ(options.collector_options.Get<NatOptions>().top, 4U);
  const auto defaults = Parsed({"report"}).report;
  EXPECT_EQ(defaults.format, report::ReportFormat::kText);
  EXPECT_EQ(defaults.top, 5U);
  EXPECT_EQ(defaults.watch, std::nullopt);
  for (const auto* wrong : {"--format=xml", "--top=0", "--watch=0", "--watch=soon"}) {
    EXPECT_EQ(Refused({"report", wrong}).code, 2) << wrong;
  }
  EXPECT_EQ(Parsed({"report", "--from=http://gw:10318"}).report.from, "http://gw:10318");
  EXPECT_EQ(Parsed({"report", "--from", "-"}).report.from, "-");
  EXPECT_THAT(Refused({"report", "--from=-", "--watch=7"}).text, HasSubstr("run watch -n 60"));
  EXPECT_EQ(Refused({"--watch=7"}).code, 2) << "it is a flag of report alone";
  EXPECT_THAT(Refused({"report", "--help"}).text,
              AllOf(HasSubstr("--watch"), HasSubstr("--collector.talkers.pairs")));
}

TEST(Options, UnknownFlagIsAnsweredWithTheNearOne) {
  const auto refused = Refused({"--web.listen-adress=:1"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.text,
              HasSubstr("unknown flag --web.listen-adress; did you mean --web.listen-address?"));
  EXPECT_THAT(Refused({"--no-collector.flow"}).text, HasSubstr("--no-collector.flows"));
  EXPECT_THAT(Refused({"--web.listen-addresses=:1"}).text, HasSubstr("--web.listen-address?"));
  EXPECT_THAT(Refused({"--log-level"}).text, HasSubstr("did you mean --log.level?"));
  EXPECT_THAT(Refused({"--collector.flows="}).text, HasSubstr("= after a flag"));
  EXPECT_THAT(Refused({"chekc"}).text, HasSubstr("unknown command chekc; did you mean check?"));
  EXPECT_THAT(Refused({"check", "report"}).text, HasSubstr("command report is in the wrong place"));
  EXPECT_THAT(Refused({"--top=5", "report"}).text, HasSubstr("flag --top is in the wrong place"));
  EXPECT_THAT(Refused({"check=1"}).text, HasSubstr("unknown command check=1"));
  EXPECT_THAT(Refused({"--", "report"}).text, HasSubstr("unknown flag --"));
}

TEST(Options, UnknownFlagThatIsNearNoOtherIsOnlyRefused) {
  const std::string long_word(100'000, 'x');
  for (const auto* word : {"--collect-everything", "", long_word.c_str()}) {
    EXPECT_THAT(Refused({word}).text, Not(HasSubstr("did you mean")));
  }
}

TEST(Options, SystemdsSocketsOrAddressesNotBoth) {
  EXPECT_FALSE(Parsed({}).systemd_socket);
  EXPECT_TRUE(Parsed({"--web.systemd-socket"}).systemd_socket);
  EXPECT_THAT(Refused({"--web.systemd-socket", "--web.listen-address=:1"}).text,
              HasSubstr("excludes"));
}

TEST(Options, VersionNamesWhatTheWebServerCan) {
  EXPECT_THAT(VersionText(), HasSubstr("features:  CivetWeb 1."));
  EXPECT_THAT(VersionText(), HasSubstr("libraries: shared"));
}

TEST(Options, WrongValuesNameTheFlag) {
  for (const auto& [argument, flag] : std::vector<std::pair<const char*, const char*>>{
           {"--web.max-requests=many", "--web.max-requests"},
           {"--web.max-requests=-1", "--web.max-requests"},
           {"--web.telemetry-path=metrics", "--web.telemetry-path"},
           {"--web.telemetry-path=/", "--web.telemetry-path"},
           {"--web.telemetry-path=/-/ready", "--web.telemetry-path"},
           {"--web.telemetry-path=/m?x=1", "--web.telemetry-path"},
           {"--web.timeout-offset=-1", "--web.timeout-offset"},
           {"--collector.flows.source=proc", "--collector.flows.source"},
           {"--collector.flows.threads=0", "--collector.flows.threads"},
           {"--collector.flows.threads=17", "--collector.flows.threads"},
           {"--collector.flows.cpu-share=0", "--collector.flows.cpu-share"},
           {"--collector.flows.cpu-share=2", "--collector.flows.cpu-share"},
           {"--collector.flows.cpu-share=nan", "--collector.flows.cpu-share"},
           {"--web.timeout-offset=nan", "--web.timeout-offset"},
           {"--collector.talkers.top=0", "--collector.talkers.top"},
           {"--collector.talkers.ipv4-prefix=33", "--collector.talkers.ipv4-prefix"},
           {"--collector.talkers.ipv6-prefix=0", "--collector.talkers.ipv6-prefix"},
           {"--collector.talkers.class=10.0.0.1/8=a", "--collector.talkers.class"},
           {"--collector.talkers.class=10.0.0.0/8=other", "--collector.talkers.class"},
           {"--collector.talkers.class=10.0.0.0/8=", "--collector.talkers.class"},
           {"--collector.nat.top=x", "--collector.nat.top"},
           {"--collector.nat.port-range=9-1", "--collector.nat.port-range"},
           {"--collector.events.buffer-bytes=100", "--collector.events.buffer-bytes"},
           {"--collector.events.buffer-bytes=-1", "--collector.events.buffer-bytes"},
           {"--collector.sizing.profile=huge", "--collector.sizing.profile"},
           {"--collector.netns.max=all", "--collector.netns.max"},
           {"--collector.netns.composition=maybe", "--collector.netns.composition"},
           {"--path.procfs=/does/not/exist", "--path.procfs"},
           {"--log.level=loud", "--log.level"},
           {"--log.format=xml", "--log.format"}}) {
    const auto refused = Refused({argument});
    EXPECT_EQ(refused.code, 2) << argument;
    EXPECT_THAT(refused.text, HasSubstr(flag)) << argument;
  }
}

TEST(Options, HealthcheckHasFlagsOfItsOwn) {
  const auto options = Parsed({"--web.listen-address=:1", "healthcheck", "--timeout=0.5"});
  EXPECT_EQ(options.command, Command::kHealthcheck);
  EXPECT_EQ(options.healthcheck.timeout, 0.5);
  EXPECT_EQ(options.healthcheck.url, "");
  EXPECT_EQ(Parsed({"healthcheck", "--url", "http://[::1]:1/"}).healthcheck.url, "http://[::1]:1/");
  EXPECT_EQ(Refused({"--url=http://[::1]:1/"}).code, 2);
  EXPECT_THAT(Refused({"healthcheck", "--timeout=0"}).text, HasSubstr("--timeout"));
  EXPECT_THAT(Refused({"healthcheck", "--help"}).text, HasSubstr("--url"));
}

TEST(Options, TextfileIsReadByNodeExporterOrByWhoStartedUs) {
  EXPECT_EQ(Parsed({"--output.textfile=/x/a.prom"}).output.textfile, "/x/a.prom");
  EXPECT_EQ(
      Parsed({"--output.textfile=/x/a.prom", "--output.textfile.interval=15"}).output.interval, 15);
  EXPECT_EQ(Parsed({"--output.textfile=-"}).output.textfile, "-");
  EXPECT_EQ(Parsed({"--output.textfile", "-"}).output.textfile, "-");
  EXPECT_EQ(Parsed({}).output.textfile, "");
  EXPECT_EQ(Parsed({"--output.textfile=-", "--output.textfile.label=netns=blue",
                    "--output.textfile.label=site=a=b"})
                .output.labels,
            (std::vector<std::string>{"netns=blue", "site=a=b"}));
}

TEST(Options, TextfileThatCannotBeMeantIsRefused) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {"--output.textfile=/x/a.txt"},
           {"--output.textfile="},
           {"--output.textfile.label=netns=blue"},
           {"--output.textfile=-", "--output.textfile.label=netns"},
           {"--output.textfile=-", "--output.textfile.label=netns="},
           {"--output.textfile=-", "--output.textfile.label==blue"},
           {"--output.textfile=-", "--output.textfile.label=9=blue"},
           {"--output.textfile=-", "--output.textfile.label=a-b=blue"},
           {"--output.textfile=-", "--output.textfile.label=__name__=blue"},
           {"--output.textfile=-", "--output.textfile.label=le=blue"},
           {"--output.textfile=-", "--output.textfile.label=netns=bl\xfc"},
           {"--output.textfile=-", "--output.textfile.label=netns=bl\nue"},
           {"--output.textfile=/x/a.prom", "check"},
           {"--output.textfile=/x/a.prom", "--output.textfile.interval=0"},
           {"--output.textfile=-", "--output.textfile.interval=15"},
           {"--output.textfile.interval=15"}}) {
    const auto refused = Refused(arguments);
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.text, HasSubstr("--output.textfile"));
  }
  EXPECT_THAT(Refused({"--output.textfile.label=netns=blue"}).text, HasSubstr("static_configs"));
  EXPECT_THAT(Refused({"--output.textfile=-", "--output.textfile.label=netns=a",
                       "--output.textfile.label=netns=b"})
                  .text,
              HasSubstr("--output.textfile.label: netns is given twice"));
}

TEST(Options, SandboxIsOnUnlessItIsInTheWay) {
  EXPECT_TRUE(Parsed({}).sandbox);
  EXPECT_FALSE(Parsed({"check", "--no-sandbox"}).sandbox);
}

TEST(Options, HelpAndVersionEndWell) {
  EXPECT_EQ(Refused({"--help"}).code, 0);
  EXPECT_THAT(Refused({"--help"}).text, HasSubstr("--collector.flows"));
  EXPECT_THAT(Refused({"check", "--help"}).text, HasSubstr("--path.procfs"));
  EXPECT_EQ(Refused({"--version"}).code, 0);
  EXPECT_THAT(Refused({"--version"}).text, HasSubstr("conntrack_exporter, version "));
}

}  // namespace
}  // namespace conntrack::exporter
