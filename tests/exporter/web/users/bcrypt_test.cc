#include "exporter/web/users/bcrypt.h"

#include <gtest/gtest.h>

#include "known_passwords.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::string_literals;

TEST(Bcrypt, PasswordOfAHashOfEachKind) {
  for (const char* hash : {test::kSecret2a, test::kSecret2b, test::kSecret2y}) {
    EXPECT_TRUE(IsBcryptHash(hash)) << hash;
    EXPECT_TRUE(VerifyBcrypt("secret", hash)) << hash;
    EXPECT_FALSE(VerifyBcrypt("Secret", hash)) << hash;
    EXPECT_FALSE(VerifyBcrypt("", hash)) << hash;
  }
}

TEST(Bcrypt, CostOfAHash) {
  EXPECT_EQ(BcryptCost(test::kSecret2b), 4);
  EXPECT_EQ(BcryptCost("$2y$10$"), 10);
}

TEST(Bcrypt, PasswordIsNotCutAtANul) {
  EXPECT_FALSE(VerifyBcrypt("secret\0"s, test::kSecret2b));
  EXPECT_FALSE(VerifyBcrypt("secret\0more"s, test::kSecret2b));
}

TEST(Bcrypt, PasswordThatIsTooLongIsWrong) {
  EXPECT_FALSE(VerifyBcrypt(std::string(100'000, 'a'), test::kSecret2b));
}

TEST(Bcrypt, TextThatIsNoHashVerifiesNothing) {
  EXPECT_FALSE(VerifyBcrypt("secret", "secret"));
  EXPECT_FALSE(VerifyBcrypt("", ""));
  EXPECT_FALSE(VerifyBcrypt("*0", "*0"));  // what crypt(3) says where it fails
}

}  // namespace
}  // namespace conntrack::exporter::web
