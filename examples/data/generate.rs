//! Prints the made-up users, accounts and transactions that the examples run on, the same bytes each time.
//!
//! `cargo run --example generate_data > examples/data/bank.json`
//!
//! Nobody and nothing in it exists: people, banks and shops are invented. Amounts are whole minor units (won, cents);
//! each transaction carries the balance after it, so that whoever loads the file can check that it adds up.

use std::fmt::Write as _;

/// Who banks where: user name, Korean name, English name.
const USERS: [(&str, &str, &str); 6] = [
    ("alice", "앨리스 모건", "Alice Morgan"),
    ("bob", "밥 카터", "Bob Carter"),
    ("minjun", "김민준", "Kim Minjun"),
    ("seoyeon", "이서연", "Lee Seoyeon"),
    ("jiho", "박지호", "Park Jiho"),
    ("emma", "엠마 하트", "Emma Hart"),
];

/// Identifier, Korean name, English name.
const BANKS: [(&str, &str, &str); 2] =
    [("hangang", "한강은행", "Hangang Bank"), ("namsan", "남산저축은행", "Namsan Savings")];

/// Owner, bank, kind, currency, opening balance.
const ACCOUNTS: [(&str, &str, &str, &str, i64); 14] = [
    ("alice", "hangang", "current", "KRW", 2_480_000),
    ("alice", "hangang", "savings", "KRW", 12_000_000),
    ("alice", "namsan", "current", "USD", 385_000),
    ("bob", "hangang", "current", "KRW", 940_000),
    ("bob", "namsan", "current", "USD", 121_550),
    ("minjun", "namsan", "current", "KRW", 3_150_000),
    ("minjun", "namsan", "savings", "KRW", 8_400_000),
    ("minjun", "hangang", "loan", "KRW", -48_000_000),
    ("seoyeon", "hangang", "current", "KRW", 5_020_000),
    ("seoyeon", "namsan", "current", "KRW", 610_000),
    ("seoyeon", "namsan", "savings", "USD", 1_250_000),
    ("jiho", "namsan", "current", "KRW", 1_775_000),
    ("emma", "hangang", "current", "USD", 502_075),
    ("emma", "namsan", "current", "KRW", 2_060_000),
];

const SHOPS: [(&str, &str); 18] = [
    ("한빛마트", "Hanbit Mart"),
    ("달빛커피", "Moonlight Coffee"),
    ("푸른서점", "Blue Bookshop"),
    ("솔방울약국", "Pinecone Pharmacy"),
    ("가온분식", "Gaon Kitchen"),
    ("나루주유소", "Naru Fuel"),
    ("다온헤어", "Daon Hair"),
    ("라온영화관", "Raon Cinema"),
    ("미리내세탁", "Mirinae Laundry"),
    ("바다횟집", "Bada Seafood"),
    ("새벽빵집", "Daybreak Bakery"),
    ("아람꽃집", "Aram Flowers"),
    ("자전거나라", "Bicycle World"),
    ("찬들청과", "Chandle Fruit"),
    ("큰나무가구", "Big Tree Furniture"),
    ("토담국밥", "Todam Soup"),
    ("하늘택시", "Haneul Taxi"),
    ("온누리전자", "Onnuri Electronics"),
];

const EMPLOYERS: [(&str, &str); 3] =
    [("누리소프트", "Nuri Software"), ("해솔디자인", "Haesol Design"), ("보람물류", "Boram Logistics")];

const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// splitmix64 (Steele, Lea, Flood 2014): the same numbers on every machine and in every version.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((word ^ (word >> 31)) % u64::from(bound)).unwrap_or_default()
    }

    fn between(&mut self, least: u32, most: u32) -> i64 {
        i64::from(least + self.below(most - least))
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = self.below(u32::try_from(from.len()).unwrap_or(1));
        from.iter().copied().nth(usize::try_from(at).unwrap_or_default()).unwrap_or_default()
    }
}

/// A text in Korean and in English.
type Both = (&'static str, &'static str);

/// One account while its year is written.
struct Ledger {
    json: String,
    balance: i64,
    count: u32,
    korean: bool,
    /// Minor units that prices are whole multiples of.
    unit: i64,
}

impl Ledger {
    fn book(&mut self, day: &str, amount: i64, text: Both, with: Both, numbers: &mut Numbers) {
        self.balance += amount;
        self.count += 1;
        // Banks print what the terminal sent: mostly the account's language, sometimes the other.
        let korean = self.korean != numbers.chance(20);
        let (text, with) = if korean { (text.0, with.0) } else { (text.1, with.1) };
        let separator = if self.count == 1 { "" } else { ",\n" };
        let (count, balance) = (self.count, self.balance);
        let _ = write!(
            self.json,
            r#"{separator}    {{"id":"t{count:04}","booked":"{day}","amount":{amount},"balance":{balance},"description":"{text} {with}","counterparty":"{with}"}}"#
        );
    }

    fn savings(&mut self, month: &str, last: u32, bank: Both, numbers: &mut Numbers) {
        let amount = numbers.between(40, 80) * 50 * self.unit;
        self.book(&format!("{month}-05"), amount, ("자동이체 적립", "Standing order to"), bank, numbers);
        let interest = self.balance / 480;
        self.book(&format!("{month}-{last}"), interest, ("이자 지급", "Interest from"), bank, numbers);
    }

    fn loan(&mut self, month: &str, bank: Both, numbers: &mut Numbers) {
        let interest = self.balance / 300;
        self.book(&format!("{month}-20"), interest, ("대출 이자", "Loan interest of"), bank, numbers);
        self.book(&format!("{month}-21"), 650_000 - interest, ("대출 상환", "Loan repayment to"), bank, numbers);
    }

    fn current(&mut self, month: &str, last: u32, people: &[Both], numbers: &mut Numbers) {
        let (employer, salary) = (numbers.pick(&EMPLOYERS), numbers.between(260, 350) * 100 * self.unit);
        for day in 1..=last {
            let date = format!("{month}-{day:02}");
            if day == 10 {
                self.spend(&date, 6_500, ("월세", "Rent to"), ("한솔부동산", "Hansol Estates"), numbers);
            }
            if day == 25 {
                self.book(&date, salary, ("급여", "Salary from"), employer, numbers);
            }
            if numbers.chance(58) {
                let (price, shop) = (numbers.between(30, 700), numbers.pick(&SHOPS));
                self.spend(&date, price, ("체크카드 결제", "Card payment to"), shop, numbers);
            }
            if numbers.chance(6) {
                let (amount, person) = (numbers.between(100, 1_600), numbers.pick(people));
                if numbers.chance(50) {
                    self.book(&date, amount * self.unit, ("이체 입금", "Transfer from"), person, numbers);
                } else {
                    self.spend(&date, amount, ("이체 출금", "Transfer to"), person, numbers);
                }
            }
        }
    }

    /// Pays, if there is enough.
    fn spend(&mut self, date: &str, units: i64, text: Both, with: Both, numbers: &mut Numbers) {
        let amount = units * self.unit;
        if self.balance >= amount {
            self.book(date, -amount, text, with, numbers);
        }
    }
}

/// The whole file.
pub(crate) fn bank_json() -> String {
    let mut numbers = Numbers(1149);
    let banks = BANKS.map(|(id, ko, en)| format!(r#"  {{"id":"{id}","name":{{"ko":"{ko}","en":"{en}"}}}}"#));
    let users = USERS.map(|(name, ko, en)| format!(r#"  {{"username":"{name}","name":{{"ko":"{ko}","en":"{en}"}}}}"#));
    let mut accounts = Vec::new();
    for (number, account) in (1001..).zip(ACCOUNTS) {
        accounts.push(account_json(number, account, &mut numbers));
    }
    format!(
        "{{\n\"banks\":[\n{}\n],\n\"users\":[\n{}\n],\n\"accounts\":[\n{}\n]\n}}\n",
        banks.join(",\n"),
        users.join(",\n"),
        accounts.join(",\n")
    )
}

type AccountRow = (&'static str, &'static str, &'static str, &'static str, i64);

fn account_json(id: u32, (owner, bank, kind, currency, opening): AccountRow, numbers: &mut Numbers) -> String {
    let (prefix, branch) = if bank == "hangang" { ("hg", 110) } else { ("ns", 220) };
    let number = format!("{branch}-{:03}-{}", id - 800, numbers.between(100_000, 1_000_000));
    let what = match kind {
        "savings" => ("적금", "savings"),
        "loan" => ("대출", "loan"),
        _ if currency == "USD" => ("달러 통장", "dollar account"),
        _ => ("입출금 통장", "current account"),
    };
    let bank_name = BANKS.iter().find(|(id, ..)| *id == bank).map_or(("", ""), |(_, ko, en)| (*ko, *en));
    let others = USERS.iter().filter(|(name, ..)| *name != owner);
    let people = others.map(|(_, ko, en)| (*ko, *en)).collect::<Vec<_>>();
    let (korean, unit) = (currency == "KRW", if currency == "KRW" { 100 } else { 10 });
    let mut ledger = Ledger { json: String::new(), balance: opening, count: 0, korean, unit };
    for (month, last) in (1..).zip(DAYS) {
        let month = format!("2025-{month:02}");
        match kind {
            "savings" => ledger.savings(&month, last, bank_name, numbers),
            "loan" => ledger.loan(&month, bank_name, numbers),
            _ => ledger.current(&month, last, &people, numbers),
        }
    }
    let name = format!(r#"{{"ko":"{} {}","en":"{} {}"}}"#, bank_name.0, what.0, bank_name.1, what.1);
    let Ledger { json, balance, .. } = ledger;
    format!(
        r#"  {{"id":"{prefix}-{id}","bank":"{bank}","owner":"{owner}","type":"{kind}","currency":"{currency}","number":"{number}","name":{name},"opening":{opening},"balance":{balance},"transactions":[
{json}
  ]}}"#
    )
}

#[allow(dead_code, reason = "the test that compares the file includes this source as a module")]
fn main() {
    print!("{}", bank_json());
}
