// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/month_names.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace mxward::cli::maillog {
namespace {

constexpr std::string_view kEnglish = "JanFebMarAprMayJunJulAugSepOctNovDec";

// As the C library abbreviates them (%b) in the languages that a system is installed in; of a word
// that is several months the one of more people. Without the dot that some have.
constexpr std::array<std::string_view, 12> kOthers = {
    "Jän janv ene gen jan tammi sty led ian яну янв січ сту јан sij Ιαν Oca saus jaan "
    "Ean Ion Xan urt ינו ينا يناير ژانویه जन॰ ม.ค იან Қаң Yan Հնվ",
    "févr feb fev helmi lut úno febr фев лют феб velj Φεβ Şub vas veebr Feabh Chw ots "
    "Shk פבר فبر شباط فبراير فوریه फ़र॰ ก.พ თებ Ақп Fev Փտր",
    "Mär mars mar mrt maalis bře márc мар бер сак ožu Μαρ Μάρ kov märts Márta Maw "
    "març מרץ مار آذار مارس मार्च มี.ค Mac მარ Нау Մար",
    "avril abr apr april huhti kwi dub ápr апр кві кра tra Απρ Nis bal Aib Ebr d’abr "
    "Abr api Pri אפר أبر نيسان أبريل آوریل अप्रैल เม.ย აპრ Сәу Ապր",
    "Mai mai may mag mei maj touko kvě máj май мая тра мај Maj svi Μαΐ Μάι geg maí "
    "Beal maig מאי ماي أيار مايو مه मई พ.ค Mei მაი Мам Մայ",
    "juin jun giu juni kesä cze čen jún iun юни июн чер чэр јун Ιουν Ιούν Haz birž "
    "jūn juuni Meith Meh juny Xuñ eka Qer יונ يون حزيران يونيو ژوئن जून มิ.ย ივნ Мау "
    "İyn Հնս",
    "juil jul lug juli heinä lip čec júl iul юли июл лип ліп јул Ιουλ Ιούλ Tem liep "
    "jūl juuli Iúil Gor Xul uzt Kor יול يول تموز يوليو ژوئیه जुल॰ ก.ค ივლ Шіл İyl Հլս",
    "août ago aug elo sie srp avg авг сер жні kol Αυγ Αύγ Ağu rugp ágú Lún Aws d’ag "
    "ag Ago abu Gsh אוג أغس آب أغسطس اوت अग॰ ส.ค Agu Ogos აგვ Там Avq Օգս",
    "sept sep set syys wrz zář szept сеп сен вер ruj Σεπ Eyl rugs MFómh Med Set ira "
    "Sht ספט سبت أيلول سبتمبر سپتامبر सित॰ ก.ย სექ Қыр Sen Սեպ",
    "Okt oct ott out okt loka paź říj окт жов кас Οκτ Eki spal DFómh Hyd d’oct Out "
    "urr Tet אוק أكت أكتوبر اكتبر अक्तू॰ ต.ค ოქტ Қаз Հոկ",
    "nov marras lis ное ноя лис ліс нов stu Νοε Νοέ Kas lapkr nóv Samh Tach aza Nën "
    "נוב نوف نوفمبر نوامبر नव॰ พ.ย ნოე Қар Noy Նմբ",
    "Dez déc dic dez dec des joulu gru pro дек гру сне дец Δεκ Ara gruod dets Noll "
    "Rha abe Dhj דצמ ديس ديسمبر دسامبر दिस॰ ธ.ค Des Dis დეკ Жел Dek Դեկ",
};

const std::unordered_map<std::string_view, int>& Names() {
  static const auto names = [] {
    std::unordered_map<std::string_view, int> made;
    int month = 0;
    for (std::string_view words : kOthers) {
      ++month;
      while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        made.emplace(words.substr(0, end), month);
        words.remove_prefix(std::min(end + 1, words.size()));
      }
    }
    return made;
  }();
  return names;
}

// "10月" (Chinese, Japanese), "10월" (Korean).
int NumberedMonth(std::string_view word) {
  int number = 0;
  std::size_t digits = 0;
  while (digits < word.size() && digits < 2 && word[digits] >= '0' && word[digits] <= '9') {
    number = number * 10 + (word[digits++] - '0');
  }
  const std::string_view unit = word.substr(digits);
  return digits > 0 && number <= 12 && (unit == "月" || unit == "월") ? number : 0;
}

}  // namespace

int MonthOf(std::string_view word) {
  if (word.size() == 3) {
    const std::size_t at = kEnglish.find(word);
    if (at != std::string_view::npos && at % 3 == 0) return static_cast<int>(at / 3) + 1;
  }
  if (word.ends_with('.')) word.remove_suffix(1);
  const auto found = Names().find(word);
  return found != Names().end() ? found->second : NumberedMonth(word);
}

}  // namespace mxward::cli::maillog
