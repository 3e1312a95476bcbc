// bcrypt hashes, of the least cost, whose passwords are known; made with crypt(3).
#pragma once

namespace conntrack::exporter::web::test {

inline constexpr const char* kSecret2b =  // "secret"
    "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
inline constexpr const char* kSecret2y =  // "secret"
    "$2y$04$ABCDEFGHIJKLMNOPQRSTUux/yVoHLb2P5.QxxfIdIyVUJvRQqUe5S";
inline constexpr const char* kSecret2a =  // "secret", cost 5
    "$2a$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
inline constexpr const char* kOuvrez =  // "ouvrez"
    "$2b$04$012345678901234567890uQK9WnTriolfwBrdbZPvxhqfnHpS9ggK";

}  // namespace conntrack::exporter::web::test
