#include "exporter/web/config/reloading_web_config.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/exporter/web/made_certificate.h"
#include "tests/exporter/web/users/known_passwords.h"
#include "tests/support/temp_tree.h"
#include "tls_section.h"

namespace conntrack::exporter::web {
namespace {

using conntrack::test::TempTree;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class WebConfigFiles : public testing::Test {
 protected:
  WebConfigFiles() {
    tree_.Write("server.crt", made_.certificate).Write("tls/server.key", made_.key);
  }

  std::string Path() const { return (tree_.root() / "web.yml").string(); }

  Result<LoadedWebConfig> Load(const std::string& text) {
    tree_.Write("web.yml", text);
    versions_.clear();
    return LoadWebConfig(Path(), versions_);
  }

  std::string Complaint(const std::string& text) {
    const auto loaded = Load(text);
    EXPECT_FALSE(loaded);
    if (loaded) return "";
    EXPECT_THAT(loaded.error().message, testing::StartsWith(Path() + ":"));
    return loaded.error().message;
  }

  const test::MadeCertificate made_ = test::MakeCertificate("localhost");
  TempTree tree_;
  FileVersions versions_;
};

const std::string kTlsFiles =
    "tls_server_config:\n  cert_file: server.crt\n  key_file: tls/server.key\n";

TEST_F(WebConfigFiles, PathsAreRelativeToTheConfiguration) {
  const auto loaded = Load(kTlsFiles);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_NE(loaded->tls, nullptr);
}

TEST_F(WebConfigFiles, NameWithoutFolderIsInTheCurrentOne) {
  tree_.Write("web.yml", kTlsFiles);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(tree_.root());
  const auto loaded = LoadWebConfig("web.yml", versions_);
  std::filesystem::current_path(before);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_NE(loaded->tls, nullptr);
}

TEST_F(WebConfigFiles, AbsolutePathsAreTaken) {
  const auto root = tree_.root().string();
  EXPECT_TRUE(Load("tls_server_config:\n  cert_file: " + root + "/server.crt\n  key_file: " + root +
                   "/tls/server.key\n"));
}

TEST_F(WebConfigFiles, EmptyFileIsPlainHttp) {
  const auto loaded = Load("");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->tls, nullptr);
}

TEST_F(WebConfigFiles, ConfigurationThatIsNotThere) {
  const auto loaded = LoadWebConfig(Path(), versions_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(loaded.error().message, HasSubstr("web.yml: No such file"));
  EXPECT_EQ(versions_.size(), 1u);
}

TEST_F(WebConfigFiles, FolderAndFifoAreNoConfiguration) {
  EXPECT_FALSE(LoadWebConfig(tree_.root().string(), versions_));
  const auto fifo = (tree_.root() / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_TRUE(LoadWebConfig(fifo, versions_));  // empty, and does not wait for a writer
  EXPECT_FALSE(LoadWebConfig("/dev/zero", versions_));
}

TEST_F(WebConfigFiles, MissingCertificateOrKeyNamesItsPlaceAndNotItself) {
  EXPECT_THAT(Complaint("tls_server_config:\n  cert_file: none.crt\n  key_file: tls/server.key\n"),
              HasSubstr("web.yml:2:14: "));
  EXPECT_THAT(Complaint("tls_server_config:\n  cert_file: server.crt\n  key_file: none.key\n"),
              EndsWith(":3:13: key_file, which is relative to " + tree_.root().string() +
                       ": No such file or directory"));
  EXPECT_THAT(
      Complaint("tls_server_config:\n  cert_file: server.crt\n  key_file: /none/none.key\n"),
      EndsWith(":3:13: key_file: No such file or directory"));
  // PEM text behind the wrong key.
  EXPECT_THAT(Complaint("tls_server_config:\n  cert_file: server.crt\n  key_file: |\n    SECRET\n" +
                        std::string(4, ' ') + std::string(5000, 'x') + "\n"),
              AllOf(EndsWith("File name too long"), Not(HasSubstr("SECRET"))));
  EXPECT_THAT(Complaint(kTlsFiles + "  client_auth_type: RequireAndVerifyClientCert\n"
                                    "  client_ca_file: none.crt\n"),
              HasSubstr("web.yml:5:19: "));
}

TEST_F(WebConfigFiles, InlineCertificateAndKey) {
  const auto indented = [](std::string pem) {
    for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 5) {
      pem.replace(at, 1, "\n    ");
    }
    return "|\n    " + pem + "\n";
  };
  const auto loaded = Load("tls_server_config:\n  cert: " + indented(made_.certificate) +
                           "  key: " + indented(made_.key));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_NE(loaded->tls, nullptr);
}

TEST_F(WebConfigFiles, KeyOfAnotherCertificate) {
  tree_.Write("tls/server.key", test::MakeCertificate("other").key);
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("3:13: key_file: the key does not belong"));
}

TEST_F(WebConfigFiles, TextThatIsNoPem) {
  tree_.Write("server.crt", "hello\n");
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("2:14: cert_file: no certificate in PEM format"));
  tree_.Write("server.crt", made_.certificate).Write("tls/server.key", "hello\n");
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("no private key in PEM format"));
}

TEST_F(WebConfigFiles, BrokenChain) {
  tree_.Write("server.crt",
              made_.certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("broken certificate in the chain"));
}

TEST_F(WebConfigFiles, EncryptedKeyIsRefusedAndNobodyIsAsked) {
  tree_.Write("tls/server.key",
              "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHjME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3\n"
              "-----END ENCRYPTED PRIVATE KEY-----\n");
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("needs no passphrase"));
}

TEST_F(WebConfigFiles, ClientCaWithoutACertificate) {
  tree_.Write("ca.crt", "");
  EXPECT_THAT(Complaint(kTlsFiles + "  client_auth_type: RequireAndVerifyClientCert\n"
                                    "  client_ca_file: ca.crt\n"),
              HasSubstr("5:19: client_ca_file: no CA certificate"));
}

TEST_F(WebConfigFiles, VersionsAreOfAllThatWasRead) {
  ASSERT_TRUE(Load(kTlsFiles));
  ASSERT_EQ(versions_.size(), 3u);
  EXPECT_THAT(versions_[0].first, EndsWith("web.yml"));
  EXPECT_THAT(versions_[2].first, EndsWith("tls/server.key"));
  for (const auto& [path, version] : versions_) EXPECT_EQ(version, VersionOf(path));
}

using namespace std::chrono_literals;

std::string UserNamed(const std::string& name) {
  return "basic_auth_users:\n  " + name + ": " + test::kSecret2b + "\n";
}

class ReloadingWebConfigTest : public testing::Test {
 protected:
  void Open(const std::string& text) {
    tree_.Write("web.yml", text);
    auto live =
        ReloadingWebConfig::Open((tree_.root() / "web.yml").string(), [this] { return now_; });
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
  std::unique_ptr<ReloadingWebConfig> live_;
};

TEST_F(ReloadingWebConfigTest, WrongConfigurationDoesNotOpen) {
  tree_.Write("web.yml", "nonsense");
  const auto live = ReloadingWebConfig::Open((tree_.root() / "web.yml").string());
  ASSERT_FALSE(live);
  EXPECT_THAT(live.error().message, HasSubstr("web.yml:1:1: "));
}

TEST_F(ReloadingWebConfigTest, UnchangedFilesAreNotReadAgain) {
  Open(UserNamed("alice"));
  const auto first = live_->Current();
  EXPECT_EQ(Later(), first);
}

TEST_F(ReloadingWebConfigTest, ChangeCountsAfterASecondAtMost) {
  Open(UserNamed("alice"));
  tree_.Write("web.yml", UserNamed("robert"));
  EXPECT_TRUE(live_->Current()->config.users.contains("alice"));
  now_ += 1s;
  EXPECT_TRUE(live_->Current()->config.users.contains("robert"));
}

TEST_F(ReloadingWebConfigTest, BrokenFileKeepsTheLastGoodOneUntilItIsRepaired) {
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

TEST_F(ReloadingWebConfigTest, BrokenFileIsSaidOnce) {
  Open("");
  tree_.Write("web.yml", "nonsense");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) (void)Later();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("web.yml:1:1: "));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST_F(ReloadingWebConfigTest, RemovedFileKeepsTheLastGoodOne) {
  Open(UserNamed("alice"));
  std::filesystem::remove(tree_.root() / "web.yml");
  EXPECT_TRUE(Later()->config.users.contains("alice"));
  EXPECT_FALSE(Good());
}

TEST_F(ReloadingWebConfigTest, NewCertificateCountsWhenItFitsItsKey) {
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

TEST_F(ReloadingWebConfigTest, TurnedLinkIsAChange) {  // how Kubernetes renews a mounted secret
  tree_.Write("one/web.yml", UserNamed("alice")).Write("two/web.yml", UserNamed("robert"));
  std::filesystem::create_symlink("one", tree_.root() / "data");
  auto live =
      ReloadingWebConfig::Open((tree_.root() / "data/web.yml").string(), [this] { return now_; });
  ASSERT_TRUE(live);
  live_ = std::move(*live);
  std::filesystem::create_symlink("two", tree_.root() / "next");
  std::filesystem::rename(tree_.root() / "next", tree_.root() / "data");
  EXPECT_TRUE(Later()->config.users.contains("robert"));
}

TEST_F(ReloadingWebConfigTest, TlsCannotBeSwitchedOffOrOn) {
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
