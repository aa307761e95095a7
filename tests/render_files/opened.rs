//! Opens a workbook with nothing but the file format's own description: ZIP directory and DEFLATE.
//!
//! Written anew here, so that the writer is not judged by a relative of its own.

use std::collections::BTreeMap;

/// Every part of the file by its name, as text.
pub fn parts(file: &[u8]) -> BTreeMap<String, String> {
    let short = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let long = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let end = file.windows(4).rposition(|w| w == b"PK\x05\x06").expect("an end of directory");
    let (count, mut at) = (short(end + 10), long(end + 16));
    let mut out = BTreeMap::new();
    for _ in 0..count {
        assert_eq!(&file[at..at + 4], b"PK\x01\x02");
        let (method, packed, plain) = (short(at + 10), long(at + 20), long(at + 24));
        let (name, extra, comment, local) = (short(at + 28), short(at + 30), short(at + 32), long(at + 42));
        let path = String::from_utf8(file[at + 46..at + 46 + name].to_vec()).unwrap();
        let from = local + 30 + short(local + 26) + short(local + 28);
        let data = &file[from..from + packed];
        let bytes = if method == 0 { data.to_vec() } else { inflate(data) };
        assert_eq!(bytes.len(), plain, "{path}");
        out.insert(path, String::from_utf8(bytes).expect("text"));
        at += 46 + name + extra + comment;
    }
    out
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> usize {
        let value = (0..count).map(|i| usize::from(self.data[(self.at + i) / 8] >> ((self.at + i) % 8) & 1) << i).sum();
        self.at += count;
        value
    }
}

/// A canonical code: how many codes have each length, and the symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn of(lengths: &[usize]) -> Code {
        let mut counts = [0; 16];
        let mut symbols = Vec::new();
        for (length, count) in counts.iter_mut().enumerate().skip(1) {
            let same = lengths.iter().enumerate().filter(|(_, l)| **l == length).map(|(symbol, _)| symbol);
            let before = symbols.len();
            symbols.extend(same);
            *count = symbols.len() - before;
        }
        Code { counts, symbols }
    }
    fn next(&self, bits: &mut Bits) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such code");
    }
}

fn inflate(data: &[u8]) -> Vec<u8> {
    let mut bits = Bits { data, at: 0 };
    let mut out = Vec::new();
    loop {
        let last = bits.take(1) == 1;
        match bits.take(2) {
            0 => {
                bits.at = bits.at.div_ceil(8) * 8;
                let length = bits.take(16);
                bits.take(16);
                let from = bits.at / 8;
                out.extend_from_slice(&data[from..from + length]);
                bits.at += length * 8;
            }
            1 => {
                let lengths: Vec<usize> = (0..288)
                    .map(|s| {
                        if s < 144 {
                            8
                        } else if s < 256 {
                            9
                        } else if s < 280 {
                            7
                        } else {
                            8
                        }
                    })
                    .collect();
                block(&mut bits, &mut out, &Code::of(&lengths), &Code::of(&[5; 30]));
            }
            _ => {
                let (literals, distances, codes) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
                let mut lengths = [0; 19];
                for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].iter().take(codes) {
                    lengths[*place] = bits.take(3);
                }
                let code = Code::of(&lengths);
                let mut all: Vec<usize> = Vec::new();
                while all.len() < literals + distances {
                    let (value, times) = match code.next(&mut bits) {
                        16 => (*all.last().unwrap(), 3 + bits.take(2)),
                        17 => (0, 3 + bits.take(3)),
                        18 => (0, 11 + bits.take(7)),
                        length => (length, 1),
                    };
                    all.extend(std::iter::repeat_n(value, times));
                }
                block(&mut bits, &mut out, &Code::of(&all[..literals]), &Code::of(&all[literals..]));
            }
        }
        if last {
            return out;
        }
    }
}

fn block(bits: &mut Bits, out: &mut Vec<u8>, literals: &Code, distances: &Code) {
    loop {
        match literals.next(bits) {
            256 => return,
            byte @ 0..=255 => out.push(byte as u8),
            285 => copy(bits, out, 258, distances),
            symbol => {
                let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
                let base = if symbol < 265 { symbol - 254 } else { ((4 + (symbol - 261) % 4) << extra) + 3 };
                let length = base + bits.take(extra);
                copy(bits, out, length, distances);
            }
        }
    }
}

fn copy(bits: &mut Bits, out: &mut Vec<u8>, length: usize, distances: &Code) {
    let symbol = distances.next(bits);
    let extra = if symbol < 4 { 0 } else { symbol / 2 - 1 };
    let base = if symbol < 4 { symbol + 1 } else { ((2 + symbol % 2) << extra) + 1 };
    let distance = base + bits.take(extra);
    for _ in 0..length {
        out.push(out[out.len() - distance]);
    }
}
