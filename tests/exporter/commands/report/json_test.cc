#include "exporter/commands/report/formats.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "known_heading.h"
#include "tests/support/situations.h"

namespace conntrack::exporter::report {
namespace {

using nlohmann::json;
using test::BusyGateway;
using test::kHeading;

json JsonOf(const Situation& situation, std::size_t top = 5) {
  return json::parse(RenderJson(kHeading, situation, Diagnose(situation), top, 2));
}

std::set<std::string> KeysOf(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

TEST(ReportJson, HasTheFiguresOfTheSituation) {
  const auto report = JsonOf(BusyGateway());
  EXPECT_EQ(report["schema"], 1);
  EXPECT_EQ(report["host"], "gw1");
  EXPECT_EQ(report["kernel"], "6.1.0-18-amd64");
  EXPECT_EQ(report["time"], "2026-01-31T12:00:00Z");
  EXPECT_EQ(report["table"]["entries"], 100'400);
  EXPECT_NEAR(report["table"]["use"].get<double>(), 100'400.0 / 262'144, 1e-9);
  EXPECT_EQ(report["memory"]["machine_bytes"], 8ULL << 30);
  EXPECT_EQ(report["flows"]["states"][0], json({{"protocol", "tcp"},
                                                {"state", "ESTABLISHED"},
                                                {"flows", 60'000},
                                                {"timeout_seconds", 432'000}}));
  EXPECT_EQ(report["flows"]["timeouts"][0]["seconds"], 432'000);
  EXPECT_EQ(report["flows"]["timeouts"][1],
            json({{"seconds", 120},
                  {"flows", 22'000},
                  {"states", {"tcp TIME_WAIT", "udp ASSURED", "tcp SYN_SENT"}}}));
  EXPECT_EQ(report["talkers"]["sources"]["top"][0], json({{"name", "10.0.0.7"}, {"flows", 9'000}}));
  EXPECT_EQ(report["snat"][0]["available"], 64'512);
  EXPECT_EQ(report["loss"]["since_start"]["unresolved_clash"], 12);
  EXPECT_EQ(report["loss"]["since_start"]["seconds"], nullptr);
  EXPECT_EQ(report["loss"]["recently"]["seconds"], 2.0);
  EXPECT_EQ(report["findings"][0]["id"], "nothing_wrong");
  EXPECT_EQ(report["findings"][0]["severity"], "ok");
}

TEST(ReportJson, HasTheSameKeysWhateverIsKnown) {
  const auto full = JsonOf(BusyGateway());
  const auto empty = JsonOf(Situation{});
  EXPECT_EQ(KeysOf(full), KeysOf(empty));
  for (const auto* part : {"table", "memory", "loss"}) {
    EXPECT_EQ(KeysOf(full[part]), KeysOf(empty[part])) << part;
  }
  EXPECT_EQ(empty["table"]["entries"], nullptr);
  EXPECT_EQ(empty["flows"], nullptr);
  EXPECT_EQ(empty["drift"], nullptr);
  EXPECT_EQ(full["drift"], json::array());
}

TEST(ReportJson, AnUnknownCauseIsNullAndSaysWhy) {
  auto situation = BusyGateway();
  situation.loss_since_boot->packets.table_full = {{}, "nobody knows"};
  const auto loss = JsonOf(situation)["loss"]["since_start"];
  EXPECT_EQ(loss["table_full"], nullptr);
  EXPECT_EQ(loss["unknown"], json({{"table_full", "nobody knows"}}));
  EXPECT_EQ(loss["total"], 12);
}

TEST(ReportJson, ListsOfTalkersAreCutAndTheirSumsStayTrue) {
  const auto sources = JsonOf(BusyGateway(), 1)["talkers"]["sources"];
  EXPECT_EQ(sources["top"].size(), 1U);
  EXPECT_EQ(sources["other"], 91'000);
  auto busy = BusyGateway();
  busy.talkers->pairs->top.push_back({"10.0.0.8 -> 192.0.2.1 tcp/443", 500});
  EXPECT_EQ(JsonOf(busy, 1)["talkers"]["pairs"]["other"], 92'000);
}

TEST(ReportJson, WorkloadsHaveBothDirections) {
  const auto workloads = JsonOf(BusyGateway())["workloads"];
  EXPECT_EQ(workloads["top"][0], json({{"kind", "pod"},
                                       {"name", "2f7d0c4e"},
                                       {"pod_uid", "2f7d0c4e"},
                                       {"container_id", ""},
                                       {"opened", 40'000},
                                       {"received", 12'000}}));
  EXPECT_EQ(workloads["other"]["received"], 6);
  EXPECT_EQ(JsonOf({})["workloads"], nullptr);
}

TEST(ReportJson, PairsAreNullWhereTheyAreNotCounted) {
  auto busy = BusyGateway();
  busy.talkers->pairs.reset();
  busy.talkers->backends.reset();
  EXPECT_EQ(JsonOf(busy)["talkers"]["pairs"], nullptr);
  EXPECT_EQ(JsonOf(busy)["talkers"]["backends"], nullptr);
}

TEST(ReportJson, NamesWhatIsMissing) {
  Situation blind;
  blind.missing = {{"flows", {ErrorKind::kDenied, 1, "refused", "give it"}}};
  EXPECT_EQ(
      JsonOf(blind)["missing"][0],
      json({{"part", "flows"}, {"kind", "denied"}, {"reason", "refused"}, {"remedy", "give it"}}));
}

TEST(ReportJson, IsOneLineWhereThereAreSeveralReports) {
  const auto text = RenderJson(kHeading, BusyGateway(), {}, 5, -1);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(ReportJson, AHostNameOfOddBytesIsPrintable) {
  const Heading odd{"\xff\x01\"", "6.1", ""};
  EXPECT_EQ(json::parse(RenderJson(odd, {}, {}, 5, 2))["host"], "\\xff\\x01\"");
}

}  // namespace
}  // namespace conntrack::exporter::report
