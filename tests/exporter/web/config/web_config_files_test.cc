#include "exporter/web/config/web_config_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/exporter/web/made_certificate.h"
#include "tests/support/temp_tree.h"

namespace conntrack::exporter::web {
namespace {

using conntrack::test::TempTree;
using testing::EndsWith;
using testing::HasSubstr;

class WebConfigFiles : public testing::Test {
 protected:
  WebConfigFiles() {
    tree_.Write("server.crt", made_.certificate).Write("tls/server.key", made_.key);
  }

  std::string Path() const { return (tree_.root() / "web.yml").string(); }

  Result<LoadedWebConfig> Load(const std::string& text) {
    tree_.Write("web.yml", text);
    stamps_.clear();
    return LoadWebConfig(Path(), stamps_);
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
  FileStamps stamps_;
};

const std::string kTlsFiles =
    "tls_server_config:\n  cert_file: server.crt\n  key_file: tls/server.key\n";

TEST_F(WebConfigFiles, PathsAreRelativeToTheConfiguration) {
  const auto loaded = Load(kTlsFiles);
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
  const auto loaded = LoadWebConfig(Path(), stamps_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(loaded.error().message, HasSubstr("web.yml: No such file"));
  EXPECT_EQ(stamps_.size(), 1u);
}

TEST_F(WebConfigFiles, FolderAndFifoAreNoConfiguration) {
  EXPECT_FALSE(LoadWebConfig(tree_.root().string(), stamps_));
  const auto fifo = (tree_.root() / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_TRUE(LoadWebConfig(fifo, stamps_));  // empty, and does not wait for a writer
  EXPECT_FALSE(LoadWebConfig("/dev/zero", stamps_));
}

TEST_F(WebConfigFiles, MissingCertificateOrKeyNamesBothFiles) {
  EXPECT_THAT(Complaint("tls_server_config:\n  cert_file: none.crt\n  key_file: tls/server.key\n"),
              HasSubstr("web.yml:2:14: "));
  EXPECT_THAT(Complaint("tls_server_config:\n  cert_file: server.crt\n  key_file: none.key\n"),
              EndsWith("none.key: No such file or directory"));
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
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("3:13: tls/server.key: the key does not belong"));
}

TEST_F(WebConfigFiles, TextThatIsNoPem) {
  tree_.Write("server.crt", "hello\n");
  EXPECT_THAT(Complaint(kTlsFiles), HasSubstr("2:14: server.crt: no certificate in PEM format"));
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
              HasSubstr("5:19: ca.crt: no CA certificate"));
}

TEST_F(WebConfigFiles, StampsAreOfAllThatWasRead) {
  ASSERT_TRUE(Load(kTlsFiles));
  ASSERT_EQ(stamps_.size(), 3u);
  EXPECT_THAT(stamps_[0].first, EndsWith("web.yml"));
  EXPECT_THAT(stamps_[2].first, EndsWith("tls/server.key"));
  for (const auto& [path, stamp] : stamps_) EXPECT_EQ(stamp, StampOf(path));
}

}  // namespace
}  // namespace conntrack::exporter::web
