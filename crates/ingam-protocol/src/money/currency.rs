use core::{fmt, str::FromStr};

/// An active currency of ISO 4217, by its three letters.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(into = "String")]
pub struct Currency {
    code: &'static str,
    exponent: u8,
}

/// Not three capital letters of an active ISO 4217 currency.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an active ISO 4217 currency")]
pub struct UnknownCurrency;

impl Currency {
    /// South Korean won: no minor unit.
    pub const KRW: Self = Self { code: "KRW", exponent: 0 };
    /// US dollar.
    pub const USD: Self = Self { code: "USD", exponent: 2 };
    /// Euro.
    pub const EUR: Self = Self { code: "EUR", exponent: 2 };

    /// The three letters.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Digits after the decimal point: 0 for KRW, 2 for USD, 3 for KWD.
    #[must_use]
    pub const fn exponent(&self) -> u8 {
        self.exponent
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        BY_EXPONENT
            .iter()
            .find_map(|(exponent, codes)| {
                let code = codes.split(' ').find(|code| *code == text)?;
                Some(Self { code, exponent: *exponent })
            })
            .ok_or(UnknownCurrency)
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code.to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// ISO 4217 list one (2024-06-25), by exponent; funds codes that are paid with (CLF, UYW …) are in, metals and tests are not.
const BY_EXPONENT: [(u8, &str); 4] = [
    (
        2,
        "USD EUR AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
         CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG \
         HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
         MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE \
         SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (0, "KRW JPY BIF CLP DJF GNF ISK KMF PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_have_their_exponent() {
        for (code, exponent) in [("KRW", 0), ("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("BHD", 3), ("CLF", 4)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), exponent, "{code}");
        }
        assert_eq!("KRW".parse(), Ok(Currency::KRW));
        assert_eq!("USD".parse(), Ok(Currency::USD));
        assert_eq!("EUR".parse(), Ok(Currency::EUR));
    }

    #[test]
    fn what_is_no_active_currency_is_refused() {
        for code in ["", "krw", "KR", "KRWW", "XXX", "XTS", "XAU", "KRW ", "USD EUR", " "] {
            assert_eq!(code.parse::<Currency>(), Err(UnknownCurrency), "{code:?}");
        }
    }

    #[test]
    fn no_code_stands_twice() {
        let mut codes: Vec<&str> = BY_EXPONENT.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert!(codes.iter().all(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase())));
        assert!(all > 155);
    }
}
