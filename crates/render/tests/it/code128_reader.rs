//! Reads Code 128 from widths of bars and spaces. The table is written in another form than the writer's (modules as
//! bits, 1 for black), so that an error in one does not hide in the other.

/// Symbol values 0 to 105, eleven modules each.
const SYMBOLS: &str = "\
11011001100 11001101100 11001100110 10010011000 10010001100 10001001100 10011001000 10011000100 10001100100 11001001000 \
11001000100 11000100100 10110011100 10011011100 10011001110 10111001100 10011101100 10011100110 11001110010 11001011100 \
11001001110 11011100100 11001110100 11101101110 11101001100 11100101100 11100100110 11101100100 11100110100 11100110010 \
11011011000 11011000110 11000110110 10100011000 10001011000 10001000110 10110001000 10001101000 10001100010 11010001000 \
11000101000 11000100010 10110111000 10110001110 10001101110 10111011000 10111000110 10001110110 11101110110 11010001110 \
11000101110 11011101000 11011100010 11011101110 11101011000 11101000110 11100010110 11101101000 11101100010 11100011010 \
11101111010 11001000010 11110001010 10100110000 10100001100 10010110000 10010000110 10000101100 10000100110 10110010000 \
10110000100 10011010000 10011000010 10000110100 10000110010 11000010010 11001010000 11110111010 11000010100 10001111010 \
10100111100 10010111100 10010011110 10111100100 10011110100 10011110010 11110100100 11110010100 11110010010 11011011110 \
11011110110 11110110110 10101111000 10100011110 10001011110 10111101000 10111100010 11110101000 11110100010 10111011110 \
10111101110 11101011110 11110101110 11010000100 11010010000 11010011100";
const STOP: &str = "1100011101011";

/// The content of a row of modules, black `1`, from the first bar to the last.
pub(crate) fn read(modules: &str) -> String {
    let symbols: Vec<&str> = SYMBOLS.split_ascii_whitespace().collect();
    assert_eq!(symbols.len(), 106);
    let body = modules.strip_suffix(STOP).unwrap();
    assert_eq!(body.len() % 11, 0, "not whole symbols");
    let values: Vec<usize> = (0..body.len() / 11)
        .map(|at| &body[at * 11..at * 11 + 11])
        .map(|pattern| symbols.iter().position(|symbol| *symbol == pattern).unwrap())
        .collect();
    let (check, values) = values.split_last().unwrap();
    let sum: usize = values.iter().enumerate().map(|(place, value)| place.max(1) * value).sum();
    assert_eq!(sum % 103, *check, "check symbol");
    let (start, values) = values.split_first().unwrap();
    let mut set = match start {
        104 => 'B',
        105 => 'C',
        other => panic!("start symbol {other}"),
    };
    let mut text = String::new();
    for value in values {
        match (set, value) {
            ('C', 0..=99) => text.push_str(&format!("{value:02}")),
            ('C', 100) => set = 'B',
            ('B', 99) => set = 'C',
            ('B', 0..=94) => text.push(char::from(b' ' + u8::try_from(*value).unwrap())),
            (set, value) => panic!("value {value} in set {set}"),
        }
    }
    text
}
