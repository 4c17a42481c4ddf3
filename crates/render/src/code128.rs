//! Code 128: a text as bars. Code set B for printable ASCII, set C for runs of digits, two to a symbol.
//!
//! Source: ISO/IEC 15417 (symbol widths, check character, quiet zones; annex E for when to change the set).

/// Empty modules at each end.
pub(crate) const QUIET_MODULES: usize = 10;
/// A module in mm where it is widest, which is at 203 dpi: 3 dots.
pub(crate) const WIDEST_MODULE: f32 = 3.0 * crate::units::MM_PER_INCH / 203.0;
/// The most characters of a content.
const MOST_CHARACTERS: usize = 80;

const TO_C: u8 = 99;
const TO_B: u8 = 100;
const START_B: u8 = 104;
const START_C: u8 = 105;
const STOP: u8 = 106;

/// Widths in modules of bar, space, bar, space, bar, space by symbol value; the stop symbol has a seventh.
const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];

/// A barcode: alternately bars and spaces, in modules, the first a bar.
pub(crate) struct Code128 {
    widths: Vec<u8>,
}

/// A bar, in modules from the left end of the first bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) start: usize,
    pub(crate) width: usize,
}

impl Code128 {
    /// The bars of a content of 1 to 80 characters of printable ASCII; `None` for any other.
    pub(crate) fn encode(content: &str) -> Option<Self> {
        let printable = content.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if content.is_empty() || content.len() > MOST_CHARACTERS || !printable {
            return None;
        }
        let mut symbols = symbols(content.as_bytes());
        symbols.push(check_symbol(&symbols));
        symbols.push(STOP);
        let patterns = symbols.iter().filter_map(|symbol| WIDTHS.get(usize::from(*symbol)));
        Some(Self { widths: patterns.flat_map(|pattern| pattern.bytes().map(|digit| digit - b'0')).collect() })
    }

    /// Width without quiet zones.
    pub(crate) fn modules(&self) -> usize {
        self.widths.iter().map(|width| usize::from(*width)).sum()
    }

    pub(crate) fn bars(&self) -> impl Iterator<Item = Bar> + '_ {
        let mut at = 0;
        let placed = self.widths.iter().map(move |width| {
            let bar = Bar { start: at, width: usize::from(*width) };
            at += bar.width;
            bar
        });
        placed.step_by(2)
    }
}

impl std::fmt::Debug for Code128 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code128").field("modules", &self.modules()).finish()
    }
}

/// Symbol values from the start symbol to the last of the content.
fn symbols(content: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity(content.len() + 3);
    let mut rest = content;
    let mut in_c = leading_digits(rest) >= 4 || (rest.len() == 2 && leading_digits(rest) == 2);
    symbols.push(if in_c { START_C } else { START_B });
    while let Some((first, after_one)) = rest.split_first() {
        match rest {
            [tens, ones, after @ ..] if in_c && tens.is_ascii_digit() && ones.is_ascii_digit() => {
                symbols.push((tens - b'0') * 10 + (ones - b'0'));
                rest = after;
            }
            _ if in_c => {
                symbols.push(TO_B);
                in_c = false;
            }
            _ if pays_in_c(rest) => {
                symbols.push(TO_C);
                in_c = true;
            }
            _ => {
                symbols.push(first - b' ');
                rest = after_one;
            }
        }
    }
    symbols
}

/// Whether changing from B to C here saves symbols: an even run of 4 digits at the end, or of 6 before something else.
fn pays_in_c(rest: &[u8]) -> bool {
    let run = leading_digits(rest);
    run.is_multiple_of(2) && (run >= 6 || run >= 4 && run == rest.len())
}

fn leading_digits(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The sum of each value times its place, modulo 103; the start symbol counts once, like the first after it.
fn check_symbol(symbols: &[u8]) -> u8 {
    let weighted = symbols.iter().zip(std::iter::once(1).chain(1u32..)).map(|(value, place)| u32::from(*value) * place);
    u8::try_from(weighted.sum::<u32>() % 103).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_eleven_modules_wide() {
        for (value, pattern) in WIDTHS.iter().enumerate() {
            let width: u32 = pattern.bytes().map(|digit| u32::from(digit - b'0')).sum();
            assert_eq!(width, if value == usize::from(STOP) { 13 } else { 11 }, "{value}");
        }
        let different: std::collections::BTreeSet<&str> = WIDTHS.into();
        assert_eq!(different.len(), WIDTHS.len());
    }

    #[test]
    fn digits_go_two_to_a_symbol() {
        assert_eq!(symbols(b"123456"), [START_C, 12, 34, 56]);
        assert_eq!(symbols(b"12"), [START_C, 12]);
        assert_eq!(symbols(b"123"), [START_B, 17, 18, 19]);
        assert_eq!(symbols(b"12345"), [START_C, 12, 34, TO_B, 21]);
        assert_eq!(symbols(b"A1234"), [START_B, 33, TO_C, 12, 34]);
        assert_eq!(symbols(b"A12345"), [START_B, 33, 17, TO_C, 23, 45]);
        assert_eq!(symbols(b"A1234B"), [START_B, 33, 17, 18, 19, 20, 34]);
        assert_eq!(symbols(b"A123456B"), [START_B, 33, TO_C, 12, 34, 56, TO_B, 34]);
    }

    #[test]
    fn the_check_symbol_is_that_of_a_published_example() {
        // "PJJ123C" in set A has the check value 54; in set B its capitals and digits have the same values, and the
        // start symbol one more
        let published = [103, 48, 42, 42, 17, 18, 19, 35];
        assert_eq!(check_symbol(&published), 54);
        assert_eq!(symbols(b"PJJ123C"), [START_B, 48, 42, 42, 17, 18, 19, 35]);
    }

    #[test]
    fn other_contents_are_refused() {
        assert!(Code128::encode("").is_none());
        assert!(Code128::encode("a\u{7F}").is_none());
        assert!(Code128::encode("caf\u{E9}").is_none());
        assert!(Code128::encode(&"A".repeat(81)).is_none());
        assert!(Code128::encode(&"A".repeat(80)).is_some());
    }
}
