//! Towns: the great ones by their real names, the many small ones invented in the manner of their
//! region. No two towns of a département share a name.

use std::collections::HashSet;

use super::chance::{Chance, Weighted};
use super::departements::{AREAS, Area, Tongue};
use super::sounds::sounds;

/// A commune, or a district of a great city.
#[derive(Debug, Clone)]
pub struct Town {
    pub name: String,
    /// As letters are addressed: `PARIS`, in capitals and without accents.
    pub delivery: String,
    pub postcode: String,
    /// The place in [`AREAS`].
    pub area: usize,
    pub latitude: f64,
    pub longitude: f64,
    pub people: u32,
}

/// Name, département, postcode, people in thousands.
const GREAT: [(&str, &str, &str, u32); 62] = [
    ("Toulouse", "31", "31000", 498),
    ("Nice", "06", "06000", 343),
    ("Nantes", "44", "44000", 320),
    ("Montpellier", "34", "34000", 299),
    ("Strasbourg", "67", "67000", 290),
    ("Bordeaux", "33", "33000", 259),
    ("Lille", "59", "59000", 236),
    ("Rennes", "35", "35000", 222),
    ("Reims", "51", "51100", 181),
    ("Toulon", "83", "83000", 179),
    ("Saint-Étienne", "42", "42000", 173),
    ("Le Havre", "76", "76600", 166),
    ("Grenoble", "38", "38000", 158),
    ("Dijon", "21", "21000", 159),
    ("Angers", "49", "49000", 157),
    ("Villeurbanne", "69", "69100", 156),
    ("Saint-Denis", "974", "97400", 153),
    ("Nîmes", "30", "30000", 148),
    ("Clermont-Ferrand", "63", "63000", 147),
    ("Aix-en-Provence", "13", "13100", 147),
    ("Le Mans", "72", "72000", 145),
    ("Brest", "29", "29200", 139),
    ("Tours", "37", "37000", 138),
    ("Amiens", "80", "80000", 134),
    ("Annecy", "74", "74000", 131),
    ("Limoges", "87", "87000", 130),
    ("Metz", "57", "57000", 121),
    ("Perpignan", "66", "66000", 119),
    ("Boulogne-Billancourt", "92", "92100", 119),
    ("Besançon", "25", "25000", 118),
    ("Orléans", "45", "45000", 117),
    ("Rouen", "76", "76000", 114),
    ("Saint-Denis", "93", "93200", 113),
    ("Montreuil", "93", "93100", 110),
    ("Caen", "14", "14000", 107),
    ("Argenteuil", "95", "95100", 107),
    ("Mulhouse", "68", "68100", 106),
    ("Nancy", "54", "54000", 104),
    ("Tourcoing", "59", "59200", 98),
    ("Roubaix", "59", "59100", 98),
    ("Nanterre", "92", "92000", 96),
    ("Vitry-sur-Seine", "94", "94400", 95),
    ("Créteil", "94", "94000", 92),
    ("Avignon", "84", "84000", 91),
    ("Poitiers", "86", "86000", 90),
    ("Aubervilliers", "93", "93300", 90),
    ("Dunkerque", "59", "59140", 86),
    ("Versailles", "78", "78000", 84),
    ("Saint-Pierre", "974", "97410", 84),
    ("Courbevoie", "92", "92400", 82),
    ("La Rochelle", "17", "17000", 77),
    ("Pau", "64", "64000", 77),
    ("Cannes", "06", "06400", 74),
    ("Calais", "62", "62100", 67),
    ("Ajaccio", "2A", "20000", 72),
    ("Bastia", "2B", "20200", 48),
    ("Bourges", "18", "18000", 64),
    ("Quimper", "29", "29000", 63),
    ("Valence", "26", "26000", 64),
    ("Troyes", "10", "10000", 62),
    ("L'Haÿ-les-Roses", "94", "94240", 31),
    ("Melun", "77", "77000", 42),
];

/// Cities by districts: name, département, first postcode, how many, people of each in thousands.
const DISTRICTS: [(&str, &str, u32, u32, u32); 3] = [
    ("Paris", "75", 75000, 20, 106),
    ("Marseille", "13", 13000, 16, 54),
    ("Lyon", "69", 69000, 9, 58),
];

/// All towns of an invented France with about `count` communes.
pub fn towns(seed: u64, count: usize) -> Vec<Town> {
    let mut chance = Chance::new(seed, "towns");
    let mut towns = great();
    let mut taken: HashSet<(usize, String)> =
        towns.iter().map(|town| (town.area, town.name.clone())).collect();
    let weights = Weighted::new(AREAS.iter().map(|area| match area.code {
        "75" => 0.0,
        // The countryside has the more communes for its people.
        _ => area.thousands.sqrt(),
    }));
    while towns.len() < count {
        let at = weights.draw(&mut chance);
        let area = &AREAS[at];
        let name = invented(&mut chance, area.tongue);
        if !taken.insert((at, name.clone())) {
            continue;
        }
        let size = chance.unit();
        let people = (120.0 * (1.0 - size).powf(-0.95)).min(60_000.0) as u32;
        let number = 100 + chance.below(88) * 10;
        towns.push(Town {
            delivery: delivery(&name),
            postcode: postcode(area, number),
            area: at,
            latitude: area.latitude + (chance.unit() - 0.5) * 0.6,
            longitude: area.longitude + (chance.unit() - 0.5) * 0.8,
            people,
            name,
        });
    }
    towns
}

fn great() -> Vec<Town> {
    let place = |code: &str| AREAS.iter().position(|area| area.code == code).unwrap_or(0);
    let cities = GREAT.iter().map(|(name, code, postcode, thousands)| {
        (
            (*name).to_owned(),
            delivery(name),
            (*postcode).to_owned(),
            place(code),
            *thousands,
        )
    });
    let districts = DISTRICTS
        .iter()
        .flat_map(|(name, code, first, count, thousands)| {
            (1..=*count).map(move |number| {
                let nth = if number == 1 {
                    "1er".to_owned()
                } else {
                    format!("{number}e")
                };
                // The ministry's file has two blanks there.
                let whole = format!("{name} {nth}  Arrondissement");
                let delivery = format!("{} {number:02}", name.to_uppercase());
                let postcode = format!("{:05}", first + number);
                (whole, delivery, postcode, place(code), *thousands)
            })
        });
    cities
        .chain(districts)
        .map(|(name, delivery, postcode, area, thousands)| Town {
            name,
            delivery,
            postcode,
            area,
            latitude: AREAS[area].latitude,
            longitude: AREAS[area].longitude,
            people: thousands * 1000,
        })
        .collect()
}

/// Three digits after the département's two; Corsica shares one number, overseas has three.
fn postcode(area: &Area, number: usize) -> String {
    match area.code {
        "2A" => format!("20{:03}", 100 + number % 100),
        "2B" => format!("20{:03}", 200 + number % 400),
        code if code.len() == 3 => format!("{code}{:02}", number % 100),
        code => format!("{code}{number:03}"),
    }
}

fn delivery(name: &str) -> String {
    mereau::base::fold::folded(name)
        .to_uppercase()
        .replace(['-', '\''], " ")
        .replace("SAINTE ", "STE ")
        .replace("SAINT ", "ST ")
}

const RIVERS: [&str; 18] = [
    "Seine", "Marne", "Loire", "Cher", "Oise", "Aisne", "Meuse", "Saône", "Isère", "Dordogne", "Garonne",
    "Vienne", "Sarthe", "Mayenne", "Yonne", "Loir", "Eure", "Somme",
];
const SAINTS: [&str; 26] = [
    "Martin",
    "Pierre",
    "Jean",
    "Germain",
    "Laurent",
    "Hilaire",
    "Aubin",
    "Rémy",
    "Léger",
    "Médard",
    "Sulpice",
    "Amand",
    "Benoît",
    "Cyr",
    "Éloi",
    "Fiacre",
    "Géraud",
    "Hippolyte",
    "Julien",
    "Loup",
    "Maixent",
    "Nazaire",
    "Ouen",
    "Paul",
    "Quentin",
    "Vaast",
];
const HOLY_WOMEN: [&str; 6] = ["Colombe", "Eulalie", "Foy", "Geneviève", "Maure", "Radegonde"];

fn invented(chance: &mut Chance, tongue: Tongue) -> String {
    let (heads, middles, tails) = sounds(tongue);
    let mut base = chance.pick(heads).to_owned();
    if chance.percent(55) {
        base.push_str(chance.pick(middles));
    }
    base.push_str(chance.pick(tails));
    match chance.below(100) {
        0..12 => format!(
            "Saint-{}-{}-{base}",
            chance.pick(&SAINTS),
            chance.pick(&["de", "en", "lès"])
        ),
        12..20 => format!("Saint-{}-sur-{}", chance.pick(&SAINTS), chance.pick(&RIVERS)),
        20..23 => format!("Sainte-{}-de-{base}", chance.pick(&HOLY_WOMEN)),
        23..31 => format!("{base}-sur-{}", chance.pick(&RIVERS)),
        31..34 => format!("{base}-lès-{}", invented_short(chance, heads, tails)),
        34..37 => format!(
            "{base}-en-{}",
            chance.pick(&["Bresse", "Brie", "Caux", "Forez", "Vexin", "Gâtine"])
        ),
        37..40 => format!("L'Île-{base}"),
        40..43 => format!(
            "La {}-{base}",
            chance.pick(&["Chapelle", "Ferté", "Roche", "Neuville"])
        ),
        43..46 => format!("Le {}-{base}", chance.pick(&["Mesnil", "Plessis", "Bois"])),
        _ => base,
    }
}

fn invented_short(chance: &mut Chance, heads: &[&str], tails: &[&str]) -> String {
    let head = chance.pick(heads).trim_end_matches('-');
    format!("{head}{}", chance.pick(tails).to_lowercase())
}
