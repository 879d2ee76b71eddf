//! Where in the world a resolver stands: by the instance that answered, else by what the catalog says of its address, else by
//! its country. Coarse on purpose: a dot on a map a terminal wide.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::LazyLock;

use crate::catalog::{Region, ResolverCatalog};
use crate::incident::{ResolverTarget, ResolverWatch};
use crate::view::model::rows::newest_answer;

use Region::{
    Africa as Af, Asia as As, Europe as Eu, MiddleEast as Me, NorthAmerica as Na, Oceania as Oc, SouthAmerica as Sa,
};

/// A place on the earth, in degrees: latitude (−90 to 90), longitude (−180 to 180).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// North of the equator.
    pub latitude: f64,
    /// East of Greenwich.
    pub longitude: f64,
    /// How it is known.
    pub by: LocatedBy,
}

/// How a place is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocatedBy {
    /// The instance that answered named its site (NSID, RFC 5001) by an airport's code.
    Instance,
    /// The catalog has its city.
    City,
    /// Only its country is known: somewhere in its middle.
    Country,
}

/// What the built-in catalog knows of an address. Built once: the list never changes while the program runs.
static KNOWN: LazyLock<HashMap<SocketAddr, Known>> = LazyLock::new(|| {
    let entries = ResolverCatalog::embedded().entries;
    let known = |entry: &crate::catalog::ResolverEntry| Known { region: entry.region, city: entry.coordinates };
    entries.iter().flat_map(|e| e.addresses().map(move |address| (address, known(e)))).collect()
});

/// One address of the catalog.
#[derive(Debug, Clone, Copy)]
struct Known {
    region: Option<Region>,
    city: Option<(f64, f64)>,
}

/// The part of the world a resolver stands in; [`Region::Global`] where it is announced from many.
#[must_use]
pub fn region_of(target: &ResolverTarget) -> Option<Region> {
    if target.city == "anycast" {
        return Some(Region::Global);
    }
    let known = KNOWN.get(&target.address).and_then(|known| known.region);
    known.or_else(|| country(target.country.as_deref()?).map(|(_, region, ..)| *region))
}

/// Where a resolver stands, as far as anything tells. An anycast address without a named instance stands nowhere.
#[must_use]
pub fn spot_of(watch: &ResolverWatch) -> Option<Spot> {
    let instance = newest_answer(watch).and_then(|o| o.response()?.nsid());
    if let Some((_, latitude, longitude)) = instance.as_deref().and_then(site) {
        return Some(Spot { latitude: *latitude, longitude: *longitude, by: LocatedBy::Instance });
    }
    if watch.target.city == "anycast" {
        return None;
    }
    if let Some((latitude, longitude)) = KNOWN.get(&watch.target.address).and_then(|known| known.city) {
        return Some(Spot { latitude, longitude, by: LocatedBy::City });
    }
    let (_, _, latitude, longitude) = country(watch.target.country.as_deref()?)?;
    Some(Spot { latitude: *latitude, longitude: *longitude, by: LocatedBy::Country })
}

/// The airport's code that an instance's name holds as a part of its own, with or without a number: `gpdns-fra`,
/// `res210.fra.rrdns.pch.net`, `lhr3`.
fn site(instance: &str) -> Option<&'static Site> {
    let instance = instance.to_ascii_lowercase();
    instance.split(|c: char| !c.is_ascii_alphanumeric()).find_map(|part| {
        let code: [u8; 3] = part.trim_end_matches(|c: char| c.is_ascii_digit()).as_bytes().try_into().ok()?;
        SITES.binary_search_by_key(&code, |site| site.0).ok().and_then(|at| SITES.get(at))
    })
}

fn country(code: &str) -> Option<&'static Country> {
    let code: [u8; 2] = code.as_bytes().try_into().ok()?;
    COUNTRIES.binary_search_by_key(&code, |country| country.0).ok().and_then(|at| COUNTRIES.get(at))
}

/// A country's letters (ISO 3166-1 alpha-2), its region, and about where its middle (of a large one, where its people) is.
type Country = ([u8; 2], Region, f64, f64);
/// An airport's letters (IATA) and where it is.
type Site = ([u8; 3], f64, f64);

/// Countries in the order of their letters. Own compilation from common geographic knowledge, rounded to about a degree.
#[rustfmt::skip]
const COUNTRIES: &[Country] = &[
    (*b"AD", Eu, 42.5, 1.5), (*b"AE", Me, 24.0, 54.0), (*b"AF", As, 34.0, 66.0), (*b"AG", Na, 17.0, -62.0),
    (*b"AI", Na, 18.0, -63.0), (*b"AL", Eu, 41.0, 20.0), (*b"AM", As, 40.0, 45.0), (*b"AO", Af, -12.0, 18.0),
    (*b"AQ", Oc, -75.0, 0.0), (*b"AR", Sa, -34.0, -64.0), (*b"AS", Oc, -14.0, -171.0), (*b"AT", Eu, 47.5, 14.0),
    (*b"AU", Oc, -27.0, 134.0), (*b"AW", Na, 12.5, -70.0), (*b"AX", Eu, 60.0, 20.0), (*b"AZ", As, 40.5, 47.5),
    (*b"BA", Eu, 44.0, 18.0), (*b"BB", Na, 13.0, -59.5), (*b"BD", As, 24.0, 90.0), (*b"BE", Eu, 50.8, 4.5),
    (*b"BF", Af, 13.0, -2.0), (*b"BG", Eu, 43.0, 25.0), (*b"BH", Me, 26.0, 50.5), (*b"BI", Af, -3.5, 30.0),
    (*b"BJ", Af, 9.5, 2.0), (*b"BL", Na, 18.0, -63.0), (*b"BM", Na, 32.0, -65.0), (*b"BN", As, 4.5, 114.7),
    (*b"BO", Sa, -17.0, -65.0), (*b"BQ", Na, 12.0, -68.0), (*b"BR", Sa, -10.0, -55.0), (*b"BS", Na, 24.0, -76.0),
    (*b"BT", As, 27.5, 90.5), (*b"BW", Af, -22.0, 24.0), (*b"BY", Eu, 53.0, 28.0), (*b"BZ", Na, 17.0, -88.7),
    (*b"CA", Na, 56.0, -106.0), (*b"CC", Oc, -12.5, 97.0), (*b"CD", Af, -2.0, 24.0), (*b"CF", Af, 7.0, 21.0),
    (*b"CG", Af, -1.0, 15.0), (*b"CH", Eu, 47.0, 8.0), (*b"CI", Af, 8.0, -5.0), (*b"CK", Oc, -21.0, -160.0),
    (*b"CL", Sa, -33.0, -71.0), (*b"CM", Af, 6.0, 12.0), (*b"CN", As, 35.0, 105.0), (*b"CO", Sa, 4.0, -72.0),
    (*b"CR", Na, 10.0, -84.0), (*b"CU", Na, 22.0, -80.0), (*b"CV", Af, 16.0, -24.0), (*b"CW", Na, 12.0, -69.0),
    (*b"CX", Oc, -10.5, 105.6), (*b"CY", Me, 35.0, 33.0), (*b"CZ", Eu, 49.8, 15.0), (*b"DE", Eu, 51.0, 10.0),
    (*b"DJ", Af, 11.5, 43.0), (*b"DK", Eu, 56.0, 10.0), (*b"DM", Na, 15.4, -61.3), (*b"DO", Na, 19.0, -70.7),
    (*b"DZ", Af, 28.0, 3.0), (*b"EC", Sa, -2.0, -78.0), (*b"EE", Eu, 59.0, 26.0), (*b"EG", Af, 27.0, 30.0),
    (*b"ER", Af, 15.0, 39.0), (*b"ES", Eu, 40.0, -4.0), (*b"ET", Af, 8.0, 38.0), (*b"FI", Eu, 62.0, 25.0),
    (*b"FJ", Oc, -18.0, 178.0), (*b"FK", Sa, -51.7, -59.0), (*b"FM", Oc, 7.0, 158.0), (*b"FO", Eu, 62.0, -7.0),
    (*b"FR", Eu, 47.0, 2.0), (*b"GA", Af, -1.0, 11.7), (*b"GB", Eu, 53.0, -1.5), (*b"GD", Na, 12.0, -61.7),
    (*b"GE", As, 42.0, 43.5), (*b"GF", Sa, 4.0, -53.0), (*b"GG", Eu, 49.5, -2.5), (*b"GH", Af, 8.0, -2.0),
    (*b"GI", Eu, 36.0, -5.4), (*b"GL", Na, 70.0, -40.0), (*b"GM", Af, 13.5, -16.0), (*b"GN", Af, 11.0, -10.0),
    (*b"GP", Na, 16.2, -61.6), (*b"GQ", Af, 2.0, 10.0), (*b"GR", Eu, 39.0, 22.0), (*b"GT", Na, 15.5, -90.0),
    (*b"GU", Oc, 13.5, 144.8), (*b"GW", Af, 12.0, -15.0), (*b"GY", Sa, 5.0, -59.0), (*b"HK", As, 22.3, 114.2),
    (*b"HN", Na, 15.0, -86.5), (*b"HR", Eu, 45.2, 15.5), (*b"HT", Na, 19.0, -72.4), (*b"HU", Eu, 47.0, 20.0),
    (*b"ID", As, -5.0, 115.0), (*b"IE", Eu, 53.0, -8.0), (*b"IL", Me, 31.5, 35.0), (*b"IM", Eu, 54.2, -4.5),
    (*b"IN", As, 21.0, 78.0), (*b"IO", As, -6.0, 71.5), (*b"IQ", Me, 33.0, 44.0), (*b"IR", Me, 32.0, 53.0),
    (*b"IS", Eu, 65.0, -18.0), (*b"IT", Eu, 42.8, 12.8), (*b"JE", Eu, 49.2, -2.1), (*b"JM", Na, 18.2, -77.5),
    (*b"JO", Me, 31.0, 36.0), (*b"JP", As, 36.0, 138.0), (*b"KE", Af, 0.0, 38.0), (*b"KG", As, 41.0, 75.0),
    (*b"KH", As, 12.5, 105.0), (*b"KI", Oc, 1.4, 173.0), (*b"KM", Af, -12.0, 44.0), (*b"KN", Na, 17.3, -62.7),
    (*b"KP", As, 40.0, 127.0), (*b"KR", As, 36.5, 127.8), (*b"KW", Me, 29.3, 47.6), (*b"KY", Na, 19.5, -80.5),
    (*b"KZ", As, 48.0, 68.0), (*b"LA", As, 18.0, 105.0), (*b"LB", Me, 33.8, 35.8), (*b"LC", Na, 14.0, -61.0),
    (*b"LI", Eu, 47.2, 9.5), (*b"LK", As, 7.0, 81.0), (*b"LR", Af, 6.5, -9.5), (*b"LS", Af, -29.5, 28.5),
    (*b"LT", Eu, 55.5, 24.0), (*b"LU", Eu, 49.7, 6.2), (*b"LV", Eu, 57.0, 25.0), (*b"LY", Af, 27.0, 17.0),
    (*b"MA", Af, 32.0, -6.0), (*b"MC", Eu, 43.7, 7.4), (*b"MD", Eu, 47.0, 29.0), (*b"ME", Eu, 42.7, 19.3),
    (*b"MF", Na, 18.0, -63.0), (*b"MG", Af, -19.0, 47.0), (*b"MH", Oc, 7.0, 171.0), (*b"MK", Eu, 41.6, 21.7),
    (*b"ML", Af, 17.0, -4.0), (*b"MM", As, 21.0, 96.0), (*b"MN", As, 46.0, 105.0), (*b"MO", As, 22.2, 113.5),
    (*b"MP", Oc, 15.2, 145.7), (*b"MQ", Na, 14.6, -61.0), (*b"MR", Af, 20.0, -10.0), (*b"MS", Na, 16.7, -62.2),
    (*b"MT", Eu, 35.9, 14.4), (*b"MU", Af, -20.2, 57.5), (*b"MV", As, 3.2, 73.0), (*b"MW", Af, -13.5, 34.0),
    (*b"MX", Na, 23.0, -102.0), (*b"MY", As, 3.5, 102.0), (*b"MZ", Af, -18.0, 35.0), (*b"NA", Af, -22.0, 17.0),
    (*b"NC", Oc, -21.5, 165.5), (*b"NE", Af, 16.0, 8.0), (*b"NF", Oc, -29.0, 168.0), (*b"NG", Af, 9.0, 8.0),
    (*b"NI", Na, 13.0, -85.0), (*b"NL", Eu, 52.2, 5.3), (*b"NO", Eu, 61.0, 9.0), (*b"NP", As, 28.0, 84.0),
    (*b"NR", Oc, -0.5, 167.0), (*b"NU", Oc, -19.0, -170.0), (*b"NZ", Oc, -41.0, 174.0), (*b"OM", Me, 21.0, 57.0),
    (*b"PA", Na, 9.0, -80.0), (*b"PE", Sa, -10.0, -76.0), (*b"PF", Oc, -17.6, -149.5), (*b"PG", Oc, -6.0, 147.0),
    (*b"PH", As, 13.0, 122.0), (*b"PK", As, 30.0, 70.0), (*b"PL", Eu, 52.0, 19.5), (*b"PM", Na, 46.9, -56.3),
    (*b"PR", Na, 18.2, -66.4), (*b"PS", Me, 32.0, 35.2), (*b"PT", Eu, 39.5, -8.0), (*b"PW", Oc, 7.5, 134.5),
    (*b"PY", Sa, -23.0, -58.0), (*b"QA", Me, 25.3, 51.2), (*b"RE", Af, -21.1, 55.5), (*b"RO", Eu, 46.0, 25.0),
    (*b"RS", Eu, 44.0, 21.0), (*b"RU", Eu, 56.0, 40.0), (*b"RW", Af, -2.0, 30.0), (*b"SA", Me, 24.0, 45.0),
    (*b"SB", Oc, -9.0, 160.0), (*b"SC", Af, -4.6, 55.5), (*b"SD", Af, 15.0, 30.0), (*b"SE", Eu, 61.0, 15.0),
    (*b"SG", As, 1.3, 103.8), (*b"SH", Af, -16.0, -5.7), (*b"SI", Eu, 46.1, 14.8), (*b"SJ", Eu, 78.0, 20.0),
    (*b"SK", Eu, 48.7, 19.5), (*b"SL", Af, 8.5, -11.8), (*b"SM", Eu, 43.9, 12.5), (*b"SN", Af, 14.5, -14.5),
    (*b"SO", Af, 5.0, 46.0), (*b"SR", Sa, 4.0, -56.0), (*b"SS", Af, 7.5, 30.0), (*b"ST", Af, 1.0, 7.0),
    (*b"SV", Na, 13.8, -88.9), (*b"SX", Na, 18.0, -63.0), (*b"SY", Me, 35.0, 38.0), (*b"SZ", Af, -26.5, 31.5),
    (*b"TC", Na, 21.8, -71.8), (*b"TD", Af, 15.0, 19.0), (*b"TG", Af, 8.0, 1.2), (*b"TH", As, 15.0, 101.0),
    (*b"TJ", As, 39.0, 71.0), (*b"TK", Oc, -9.0, -172.0), (*b"TL", As, -8.8, 125.8), (*b"TM", As, 40.0, 60.0),
    (*b"TN", Af, 34.0, 9.5), (*b"TO", Oc, -20.0, -175.0), (*b"TR", Me, 39.0, 35.0), (*b"TT", Na, 10.5, -61.3),
    (*b"TV", Oc, -8.0, 178.0), (*b"TW", As, 23.7, 121.0), (*b"TZ", Af, -6.0, 35.0), (*b"UA", Eu, 49.0, 32.0),
    (*b"UG", Af, 1.0, 32.0), (*b"US", Na, 39.0, -98.0), (*b"UY", Sa, -33.0, -56.0), (*b"UZ", As, 41.0, 64.0),
    (*b"VA", Eu, 41.9, 12.4), (*b"VC", Na, 13.2, -61.2), (*b"VE", Sa, 8.0, -66.0), (*b"VG", Na, 18.4, -64.6),
    (*b"VI", Na, 18.3, -64.9), (*b"VN", As, 16.0, 107.0), (*b"VU", Oc, -16.0, 167.0), (*b"WF", Oc, -13.3, -176.2),
    (*b"WS", Oc, -13.6, -172.4), (*b"XK", Eu, 42.6, 20.9), (*b"YE", Me, 15.5, 48.0), (*b"YT", Af, -12.8, 45.2),
    (*b"ZA", Af, -29.0, 24.0), (*b"ZM", Af, -15.0, 30.0), (*b"ZW", Af, -19.0, 29.5),
];

/// Airports whose codes operators use to name their sites, in the order of their letters. Own compilation, rounded to a tenth
/// of a degree. Codes that are words of DNS (`rec`, `res`, `any`) are left out.
#[rustfmt::skip]
const SITES: &[Site] = &[
    (*b"akl", -37.0, 174.8), (*b"ams", 52.3, 4.8), (*b"arn", 59.7, 17.9), (*b"ath", 37.9, 23.9),
    (*b"atl", 33.6, -84.4), (*b"auh", 24.4, 54.7), (*b"bah", 26.3, 50.6), (*b"bcn", 41.3, 2.1),
    (*b"beg", 44.8, 20.3), (*b"ber", 52.4, 13.5), (*b"bkk", 13.7, 100.7), (*b"blr", 13.2, 77.7),
    (*b"bne", -27.4, 153.1), (*b"bog", 4.7, -74.1), (*b"bom", 19.1, 72.9), (*b"bos", 42.4, -71.0),
    (*b"bru", 50.9, 4.5), (*b"bts", 48.2, 17.2), (*b"bud", 47.4, 19.3), (*b"buf", 42.9, -78.7),
    (*b"cai", 30.1, 31.4), (*b"can", 23.4, 113.3), (*b"ccu", 22.7, 88.4), (*b"cdg", 49.0, 2.5),
    (*b"cgk", -6.1, 106.7), (*b"cgn", 50.9, 7.1), (*b"chc", -43.5, 172.5), (*b"clt", 35.2, -80.9),
    (*b"cmb", 7.2, 79.9), (*b"cmh", 40.0, -82.9), (*b"cmn", 33.4, -7.6), (*b"cph", 55.6, 12.7),
    (*b"cpt", -34.0, 18.6), (*b"ctu", 30.6, 103.9), (*b"cwb", -25.5, -49.2), (*b"dac", 23.8, 90.4),
    (*b"dar", -6.9, 39.2), (*b"dca", 38.9, -77.0), (*b"del", 28.6, 77.1), (*b"den", 39.9, -104.7),
    (*b"dfw", 32.9, -97.0), (*b"dkr", 14.7, -17.1), (*b"dme", 55.4, 37.9), (*b"doh", 25.3, 51.6),
    (*b"dtw", 42.2, -83.4), (*b"dub", 53.4, -6.3), (*b"dur", -29.6, 31.1), (*b"dus", 51.3, 6.8),
    (*b"dxb", 25.3, 55.4), (*b"edi", 55.9, -3.4), (*b"evn", 40.1, 44.4), (*b"ewr", 40.7, -74.2),
    (*b"eze", -34.8, -58.5), (*b"fco", 41.8, 12.3), (*b"for", -3.8, -38.5), (*b"fra", 50.0, 8.6),
    (*b"gdl", 20.5, -103.3), (*b"gig", -22.8, -43.2), (*b"gru", -23.4, -46.5), (*b"gva", 46.2, 6.1),
    (*b"gyd", 40.5, 50.0), (*b"ham", 53.6, 10.0), (*b"han", 21.2, 105.8), (*b"hel", 60.3, 25.0),
    (*b"hkg", 22.3, 113.9), (*b"hnd", 35.6, 139.8), (*b"hnl", 21.3, -157.9), (*b"hyd", 17.2, 78.4),
    (*b"iad", 38.9, -77.5), (*b"iah", 30.0, -95.3), (*b"icn", 37.5, 126.5), (*b"isb", 33.6, 72.8),
    (*b"ist", 41.3, 28.7), (*b"jax", 30.5, -81.7), (*b"jed", 21.7, 39.2), (*b"jfk", 40.6, -73.8),
    (*b"jnb", -26.1, 28.2), (*b"kbp", 50.3, 30.9), (*b"kef", 64.0, -22.6), (*b"khi", 24.9, 67.2),
    (*b"kix", 34.4, 135.2), (*b"kja", 56.2, 92.5), (*b"ktm", 27.7, 85.4), (*b"kul", 2.7, 101.7),
    (*b"kwi", 29.2, 48.0), (*b"lad", -8.9, 13.2), (*b"lax", 33.9, -118.4), (*b"lba", 53.9, -1.7),
    (*b"led", 59.8, 30.3), (*b"lga", 40.8, -73.9), (*b"lhe", 31.5, 74.4), (*b"lhr", 51.5, -0.5),
    (*b"lim", -12.0, -77.1), (*b"lis", 38.8, -9.1), (*b"lju", 46.2, 14.5), (*b"los", 6.6, 3.3),
    (*b"lux", 49.6, 6.2), (*b"maa", 13.0, 80.2), (*b"mad", 40.5, -3.6), (*b"man", 53.4, -2.3),
    (*b"mba", -4.0, 39.6), (*b"mci", 39.3, -94.7), (*b"mct", 23.6, 58.3), (*b"mde", 6.2, -75.4),
    (*b"mel", -37.7, 144.8), (*b"mem", 35.0, -90.0), (*b"mex", 19.4, -99.1), (*b"mfm", 22.1, 113.6),
    (*b"mia", 25.8, -80.3), (*b"mil", 45.5, 9.2), (*b"mnl", 14.5, 121.0), (*b"mpm", -25.9, 32.6),
    (*b"mrs", 43.4, 5.2), (*b"msp", 44.9, -93.2), (*b"msq", 53.9, 28.0), (*b"muc", 48.4, 11.8),
    (*b"mxp", 45.6, 8.7), (*b"nag", 21.1, 79.0), (*b"nbo", -1.3, 36.9), (*b"nou", -22.0, 166.2),
    (*b"nrt", 35.8, 140.4), (*b"oma", 41.3, -95.9), (*b"ord", 42.0, -87.9), (*b"osl", 60.2, 11.1),
    (*b"otp", 44.6, 26.1), (*b"pao", 37.5, -122.1), (*b"pdx", 45.6, -122.6), (*b"pek", 40.1, 116.6),
    (*b"phl", 39.9, -75.2), (*b"phx", 33.4, -112.0), (*b"pit", 40.5, -80.2), (*b"pmo", 38.2, 13.1),
    (*b"poa", -30.0, -51.2), (*b"pos", 10.6, -61.3), (*b"prg", 50.1, 14.3), (*b"pty", 9.1, -79.4),
    (*b"pvg", 31.1, 121.8), (*b"qpg", 1.4, 103.9), (*b"rdu", 35.9, -78.8), (*b"ric", 37.5, -77.3),
    (*b"rix", 56.9, 24.0), (*b"ruh", 25.0, 46.7), (*b"san", 32.7, -117.2), (*b"sao", -23.5, -46.6),
    (*b"scl", -33.4, -70.8), (*b"sdq", 18.4, -69.7), (*b"sea", 47.4, -122.3), (*b"sfo", 37.6, -122.4),
    (*b"sgn", 10.8, 106.7), (*b"sha", 31.2, 121.3), (*b"sin", 1.4, 104.0), (*b"sjc", 37.4, -121.9),
    (*b"sjo", 10.0, -84.2), (*b"sju", 18.4, -66.0), (*b"skg", 40.5, 23.0), (*b"skp", 42.0, 21.6),
    (*b"slc", 40.8, -112.0), (*b"smf", 38.7, -121.6), (*b"sof", 42.7, 23.4), (*b"ssa", -12.9, -38.3),
    (*b"stl", 38.7, -90.4), (*b"sto", 59.3, 18.0), (*b"str", 48.7, 9.2), (*b"svo", 56.0, 37.4),
    (*b"syd", -33.9, 151.2), (*b"szx", 22.6, 113.8), (*b"tas", 41.3, 69.3), (*b"tbs", 41.7, 45.0),
    (*b"tgu", 14.1, -87.2), (*b"tia", 41.4, 19.7), (*b"tll", 59.4, 24.8), (*b"tlv", 32.0, 34.9),
    (*b"tpa", 28.0, -82.5), (*b"tpe", 25.1, 121.2), (*b"tun", 36.9, 10.2), (*b"tyo", 35.7, 139.7),
    (*b"uio", -0.1, -78.4), (*b"ulv", 54.3, 48.2), (*b"vie", 48.1, 16.6), (*b"vno", 54.6, 25.3),
    (*b"waw", 52.2, 21.0), (*b"wlg", -41.3, 174.8), (*b"xiy", 34.4, 108.8), (*b"yow", 45.3, -75.7),
    (*b"yul", 45.5, -73.7), (*b"yvr", 49.2, -123.2), (*b"ywg", 49.9, -97.2), (*b"yxe", 52.2, -106.7),
    (*b"yyc", 51.1, -114.0), (*b"yyz", 43.7, -79.6), (*b"zag", 45.7, 16.1), (*b"zrh", 47.5, 8.5),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search_and_on_the_globe() {
        assert!(COUNTRIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SITES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let places = COUNTRIES.iter().map(|c| (c.2, c.3)).chain(SITES.iter().map(|s| (s.1, s.2)));
        assert!(places.clone().all(|(lat, lon)| lat.abs() <= 90.0 && lon.abs() <= 180.0));
    }

    #[test]
    fn every_country_of_the_catalog_is_known_and_in_its_region() {
        for entry in ResolverCatalog::embedded().entries {
            let Some(code) = entry.country else { continue };
            let (_, region, latitude, longitude) = country(&code.to_string()).unwrap_or_else(|| panic!("{code}"));
            if let (Some((lat, lon)), false) = (entry.coordinates, entry.anycast) {
                let off = (latitude - lat).abs().max((longitude - lon).abs());
                assert!(off < 60.0, "{}: {code} is {off} degrees off", entry.id);
            }
            if let (Some(said), false) = (entry.region, entry.anycast) {
                let is = said == *region || said == Region::Global;
                // The catalog may count the lands between Europe and Asia to either.
                let between = matches!(said, Eu | As | Me) && matches!(region, Eu | As | Me);
                assert!(is || between, "{}: {code} is in {region}, the catalog says {said}", entry.id);
            }
        }
    }

    #[test]
    fn instances_name_their_site_in_many_ways() {
        let code = |text| site(text).map(|s| String::from_utf8_lossy(&s.0).into_owned());
        for (instance, wanted) in
            [("gpdns-fra", "fra"), ("res210.fra.rrdns.pch.net", "fra"), ("LHR3", "lhr"), ("r2003.nrt", "nrt")]
        {
            assert_eq!(code(instance).as_deref(), Some(wanted), "{instance}");
        }
        for nothing in ["87m12", "rec1.dns-sb", "node7", "", "frankfurt", "zürich"] {
            assert_eq!(code(nothing), None, "{nothing}");
        }
    }
}
