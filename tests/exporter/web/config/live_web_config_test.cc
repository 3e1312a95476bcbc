#include "exporter/web/config/live_web_config.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/exporter/web/made_certificate.h"
#include "tests/exporter/web/users/known_passwords.h"
#include "tests/support/temp_tree.h"
#include "tls_section.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;
using conntrack::test::TempTree;
using testing::HasSubstr;

std::string UserNamed(const std::string& name) {
  return "basic_auth_users:\n  " + name + ": " + test::kSecret2b + "\n";
}

class LiveWebConfigTest : public testing::Test {
 protected:
  void Open(const std::string& text) {
    tree_.Write("web.yml", text);
    auto live = LiveWebConfig::Open((tree_.root() / "web.yml").string(), [this] { return now_; });
    ASSERT_TRUE(live) << live.error().message;
    live_ = std::move(*live);
  }

  void WriteCertificate() {
    const auto made = test::MakeCertificate("localhost");
    tree_.Write("server.crt", made.certificate).Write("server.key", made.key);
  }

  // What counts a while later.
  std::shared_ptr<const LoadedWebConfig> Later() {
    now_ += 2s;
    return live_->Current();
  }

  bool Good() const { return live_->Metrics()[0].samples[0].value == 1; }

  TempTree tree_;
  std::chrono::steady_clock::time_point now_{1h};
  std::unique_ptr<LiveWebConfig> live_;
};

TEST_F(LiveWebConfigTest, WrongConfigurationDoesNotOpen) {
  tree_.Write("web.yml", "nonsense");
  const auto live = LiveWebConfig::Open((tree_.root() / "web.yml").string());
  ASSERT_FALSE(live);
  EXPECT_THAT(live.error().message, HasSubstr("web.yml:1:1: "));
}

TEST_F(LiveWebConfigTest, UnchangedFilesAreNotReadAgain) {
  Open(UserNamed("alice"));
  const auto first = live_->Current();
  EXPECT_EQ(Later(), first);
}

TEST_F(LiveWebConfigTest, ChangeCountsAfterASecondAtMost) {
  Open(UserNamed("alice"));
  tree_.Write("web.yml", UserNamed("robert"));
  EXPECT_TRUE(live_->Current()->config.users.contains("alice"));
  now_ += 1s;
  EXPECT_TRUE(live_->Current()->config.users.contains("robert"));
}

TEST_F(LiveWebConfigTest, BrokenFileKeepsTheLastGoodOneUntilItIsRepaired) {
  Open(UserNamed("alice"));
  EXPECT_TRUE(Good());
  const double since = live_->Metrics()[1].samples[0].value;
  tree_.Write("web.yml", "nonsense");
  EXPECT_TRUE(Later()->config.users.contains("alice"));
  EXPECT_FALSE(Good());
  EXPECT_EQ(live_->Metrics()[1].samples[0].value, since);
  tree_.Write("web.yml", UserNamed("robert"));
  EXPECT_TRUE(Later()->config.users.contains("robert"));
  EXPECT_TRUE(Good());
  EXPECT_GE(live_->Metrics()[1].samples[0].value, since);
}

TEST_F(LiveWebConfigTest, BrokenFileIsSaidOnce) {
  Open("");
  tree_.Write("web.yml", "nonsense");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) (void)Later();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("web.yml:1:1: "));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST_F(LiveWebConfigTest, RemovedFileKeepsTheLastGoodOne) {
  Open(UserNamed("alice"));
  std::filesystem::remove(tree_.root() / "web.yml");
  EXPECT_TRUE(Later()->config.users.contains("alice"));
  EXPECT_FALSE(Good());
}

TEST_F(LiveWebConfigTest, NewCertificateCountsWhenItFitsItsKey) {
  WriteCertificate();
  Open(test::kTlsSection);
  const auto first = live_->Current();
  const auto next = test::MakeCertificate("localhost");
  tree_.Write("server.crt", next.certificate);
  EXPECT_EQ(Later(), first);
  EXPECT_FALSE(Good());
  tree_.Write("server.key", next.key);
  EXPECT_NE(Later()->tls, first->tls);
  EXPECT_TRUE(Good());
}

TEST_F(LiveWebConfigTest, TurnedLinkIsAChange) {  // how Kubernetes renews a mounted secret
  tree_.Write("one/web.yml", UserNamed("alice")).Write("two/web.yml", UserNamed("robert"));
  std::filesystem::create_symlink("one", tree_.root() / "data");
  auto live =
      LiveWebConfig::Open((tree_.root() / "data/web.yml").string(), [this] { return now_; });
  ASSERT_TRUE(live);
  live_ = std::move(*live);
  std::filesystem::create_symlink("two", tree_.root() / "next");
  std::filesystem::rename(tree_.root() / "next", tree_.root() / "data");
  EXPECT_TRUE(Later()->config.users.contains("robert"));
}

TEST_F(LiveWebConfigTest, TlsCannotBeSwitchedOffOrOn) {
  WriteCertificate();
  Open(test::kTlsSection);
  tree_.Write("web.yml", UserNamed("alice"));
  EXPECT_NE(Later()->tls, nullptr);
  EXPECT_TRUE(live_->Current()->config.users.empty());
  EXPECT_FALSE(Good());

  Open(UserNamed("alice"));
  tree_.Write("web.yml", test::kTlsSection);
  EXPECT_EQ(Later()->tls, nullptr);
  EXPECT_TRUE(live_->Current()->config.users.contains("alice"));
  EXPECT_FALSE(Good());
}

}  // namespace
}  // namespace conntrack::exporter::web
