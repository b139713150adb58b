// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxward {

// What the network sends is data: these turn it into something that can be printed.

// Printable ASCII stays; every other byte, and the backslash, becomes \xHH. At most max_length
// bytes of input are shown, "..." marks that there was more.
std::string EscapeForLog(std::string_view text, std::size_t max_length = 256);
// The same, appended, where the characters of `also` are escaped as well: printable ones, but no
// letters or digits.
void AppendEscapedForLog(std::string& out, std::string_view text, std::size_t max_length,
                         std::string_view also);
// Appends text as the inside of a JSON string that is safe to print and stays on its line: control
// characters (C0, DEL, C1), separators of lines and bidirectional controls become \uHHHH, and so do
// bytes that are not UTF-8.
void AppendJsonEscaped(std::string& out, std::string_view text);

// How many bytes the UTF-8 sequence at the front of text has, 0 when it is none: RFC 3629, without
// overlong forms, surrogates and what lies beyond U+10FFFF. REQUIRES: !text.empty()
std::size_t Utf8Length(std::string_view text);
bool IsAscii(std::string_view text);  // no byte above 127

// ASCII only: mail addresses and host names know no locale.
std::string ToLower(std::string_view text);
bool EqualsNoCase(std::string_view a, std::string_view b);
// Without the blanks, tabs and line ends around it.
std::string_view Trim(std::string_view text);

// The candidate that text was most likely meant to be (the first of equally near ones), or "" when
// none is near: two typing slips away at most, one for words of up to four letters. A slip is a
// letter too many, missing, wrong, or swapped with its neighbour; case does not count.
std::string_view ClosestMatch(std::string_view text,
                              const std::vector<std::string_view>& candidates);

std::string HexEncode(std::string_view bytes);
// Digits of either case; nothing when text is not an even number of hexadecimal digits.
std::optional<std::string> HexDecode(std::string_view text);

}  // namespace mxward
