//! Reads ZPL: commands first, then the picture they make.

/// One command: `^XA`, `^FO` and the like, with what follows it up to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) code: String,
    pub(crate) parameters: String,
}

/// Black dots of one label.
pub(crate) struct Picture {
    pub(crate) width: usize,
    dots: Vec<bool>,
}

/// Where there is ink, in dots: first and last column, first and last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) top: usize,
    pub(crate) bottom: usize,
}

/// As a printer splits its input: a caret or tilde always starts a command of two letters (or, after `^A`, one).
pub(crate) fn commands(zpl: &str) -> Vec<Command> {
    assert!(zpl.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "not plain ASCII");
    let mut commands = Vec::new();
    let mut rest = zpl;
    while let Some(start) = rest.find(['^', '~']) {
        assert!(rest[..start].trim().is_empty(), "text outside of a command");
        let body = &rest[start + 1..];
        let end = body.find(['^', '~']).unwrap_or(body.len());
        let code = format!("{}{}", &rest[start..=start], &body[..2]);
        commands.push(Command { code, parameters: body[2..end].trim_end().to_owned() });
        rest = &body[end..];
    }
    assert!(rest.trim().is_empty());
    commands
}

/// The pictures of all formats; any command that the writer has no reason to send fails the test.
pub(crate) fn pictures(zpl: &str) -> Vec<Picture> {
    let mut pictures = Vec::new();
    let mut inside = false;
    let (mut width, mut origin) = (0, (0, 0));
    for Command { code, parameters } in commands(zpl) {
        let numbers = || parameters.split(',').map(|number| number.parse::<usize>().unwrap()).collect::<Vec<_>>();
        assert_eq!(inside, code != "^XA", "{code}");
        match code.as_str() {
            "^XA" => inside = true,
            "^XZ" => inside = false,
            "^PW" => width = numbers()[0],
            "^LL" => pictures.push(Picture { width, dots: vec![false; width * numbers()[0]] }),
            "^FO" => origin = (numbers()[0], numbers()[1]),
            "^GB" => draw_box(pictures.last_mut().unwrap(), origin, &numbers()),
            "^GF" => draw_graphic(pictures.last_mut().unwrap(), origin, &parameters),
            "^CI" => assert_eq!(parameters, "28"),
            "^LH" => assert_eq!(parameters, "0,0"),
            "^PQ" => assert_eq!(parameters, "1"),
            "^FS" => assert_eq!(parameters, ""),
            other => panic!("the command {other} is none of ours"),
        }
    }
    assert!(!inside, "the format is not closed");
    pictures
}

impl Picture {
    pub(crate) fn height(&self) -> usize {
        self.dots.len() / self.width
    }

    pub(crate) fn is_black(&self, x: usize, y: usize) -> bool {
        self.dots[y * self.width + x]
    }

    fn blacken(&mut self, x: usize, y: usize) {
        assert!(x < self.width && y < self.height(), "ink beyond the label");
        self.dots[y * self.width + x] = true;
    }

    pub(crate) fn ink(&self) -> Option<Ink> {
        let places = || self.dots.iter().enumerate().filter(|(_, black)| **black).map(|(at, _)| at);
        let columns = || places().map(|at| at % self.width);
        let (top, bottom) = (places().min()? / self.width, places().max()? / self.width);
        Some(Ink { left: columns().min()?, right: columns().max()?, top, bottom })
    }
}

fn draw_box(picture: &mut Picture, (left, top): (usize, usize), numbers: &[usize]) {
    let [width, height, thickness] = *numbers else { panic!("a box has three numbers") };
    assert!(thickness >= 1 && thickness <= width.min(height));
    for y in 0..height {
        for x in 0..width {
            let edge = x.min(width - 1 - x).min(y).min(height - 1 - y);
            if edge < thickness {
                picture.blacken(left + x, top + y);
            }
        }
    }
}

/// `A,bytes,bytes,bytes per row,digits`.
fn draw_graphic(picture: &mut Picture, (left, top): (usize, usize), parameters: &str) {
    let parts: Vec<&str> = parameters.splitn(5, ',').collect();
    assert_eq!(parts[0], "A");
    let (total, per_row) = (parts[2].parse::<usize>().unwrap(), parts[3].parse::<usize>().unwrap());
    assert_eq!(parts[1], parts[2]);
    let rows = expand(parts[4], per_row * 2);
    assert_eq!(rows.len() * per_row, total, "number of rows");
    for (y, row) in rows.iter().enumerate() {
        for (at, digit) in row.iter().enumerate() {
            for bit in (0..4).filter(|bit| digit & (8 >> bit) != 0) {
                picture.blacken(left + at * 4 + bit, top + y);
            }
        }
    }
}

/// Undoes the scheme of repeated digits: rows of hexadecimal digits as numbers.
fn expand(data: &str, digits_per_row: usize) -> Vec<Vec<u8>> {
    let mut rows: Vec<Vec<u8>> = Vec::new();
    let mut row: Vec<u8> = Vec::new();
    let mut repeats = 0;
    for character in data.chars() {
        match character {
            'G'..='Y' => repeats += character as usize - 'G' as usize + 1,
            'g'..='z' => repeats += (character as usize - 'g' as usize + 1) * 20,
            ',' => row.resize(digits_per_row, 0x0),
            '!' => row.resize(digits_per_row, 0xF),
            ':' => row.clone_from(rows.last().unwrap()),
            digit => {
                let digit = u8::try_from(digit.to_digit(16).unwrap()).unwrap();
                row.extend(std::iter::repeat_n(digit, repeats.max(1)));
                repeats = 0;
            }
        }
        assert!(row.len() <= digits_per_row, "a row is too long");
        if row.len() == digits_per_row {
            rows.push(std::mem::take(&mut row));
        }
    }
    assert!(row.is_empty() && repeats == 0, "the last row is cut off");
    rows
}
