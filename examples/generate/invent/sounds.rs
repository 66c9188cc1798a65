//! Of what the names of invented towns are made, region by region: heads, middles, tails.

use super::departements::Tongue;

pub type Sounds = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

pub fn sounds(tongue: Tongue) -> Sounds {
    match tongue {
        Tongue::Oil => OIL,
        Tongue::Oc => OC,
        Tongue::Breton => BRETON,
        Tongue::Basque => BASQUE,
        Tongue::Corsican => CORSICAN,
        Tongue::Alsatian => ALSATIAN,
        Tongue::Northern => NORTHERN,
        Tongue::Overseas => OVERSEAS,
    }
}

const OIL: Sounds = (
    &[
        "Aub", "Bar", "Bel", "Ber", "Brou", "Char", "Cham", "Coul", "Cour", "Dam", "Dor", "Fon", "Fleu",
        "Gran", "Hau", "Jou", "Lan", "Ligu", "Mar", "Mau", "Mon", "Neu", "Oul", "Pon", "Quin", "Rou", "Sau",
        "Ser", "Tou", "Vau", "Ver", "Vill",
    ],
    &["an", "en", "i", "on", "er", "il", "e", "ou", "ar", "in", "au"],
    &[
        "ville", "court", "y", "ay", "igny", "celles", "mont", "bourg", "villiers", "tôt", "iers", "champ",
        "fontaine", "ières", "euil", "ey",
    ],
);

const OC: Sounds = (
    &[
        "Al", "Argel", "Auri", "Bal", "Cast", "Caz", "Dur", "Esc", "Fab", "Gail", "Lab", "Laur", "Lus",
        "Maz", "Mir", "Mont", "Nav", "Peyr", "Puy", "Rab", "Riv", "Salv", "Sér", "Tarn", "Vil", "Vign",
    ],
    &["a", "el", "en", "i", "ou", "ar", "et", "an", "er"],
    &[
        "ac", "argues", "as", "ens", "et", "ols", "ous", "agne", "iès", "an", "olles", "ères", "on",
    ],
);

const BRETON: Sounds = (
    &[
        "Plou", "Lan", "Ker", "Tré", "Guil", "Pleu", "Loc", "Pont", "Ros", "Plo", "Gou", "Lam", "Qui", "Tri",
        "Saint-",
    ],
    &["mel", "gar", "zé", "ver", "né", "ri", "di", "ar", "bri"],
    &[
        "ec", "oc", "an", "nou", "ven", "zic", "dec", "neau", "mer", "rien", "gat", "houarn",
    ],
);

const BASQUE: Sounds = (
    &[
        "Arr", "Ays", "Bid", "Esp", "Etch", "Hasp", "Irou", "Itx", "Lar", "Mend", "Oss", "Urr", "Ust",
    ],
    &["a", "e", "i", "o", "egi", "aha"],
    &[
        "arte", "ague", "arry", "asse", "itz", "ostoa", "art", "ulegui", "eta", "bide",
    ],
);

const CORSICAN: Sounds = (
    &[
        "Al", "Ba", "Cal", "Cas", "Cor", "Gal", "Lev", "Mur", "Ol", "Pen", "Pie", "San", "Ser", "Vi", "Zic",
    ],
    &["ca", "gli", "ra", "se", "ti", "na", "lo"],
    &["vo", "ta", "ggio", "na", "li", "ccia", "ola", "ra", "cce", "asca"],
);

const ALSATIAN: Sounds = (
    &[
        "Alt", "Berg", "Diem", "Ecks", "Ger", "Hoch", "Ing", "Kirch", "Lut", "Mitt", "Nieder", "Ober", "Ros",
        "Sch", "Sulz", "Wang", "West", "Wol",
    ],
    &["en", "er", "els", "ers", "i", "ach"],
    &[
        "heim", "willer", "bach", "dorf", "house", "kirch", "berg", "thal", "ingen", "bronn",
    ],
);

const NORTHERN: Sounds = (
    &[
        "Ar", "Bail", "Ber", "Bou", "Cam", "Croi", "Don", "Erq", "Esc", "Fres", "Gou", "Haz", "Her", "Lam",
        "Mar", "Nieu", "Qué", "Rad", "Sain", "Stee", "Wam", "Wat", "Zeg",
    ],
    &["e", "i", "in", "en", "ue", "o"],
    &[
        "ghem", "becque", "court", "kerque", "ghien", "ies", "ain", "oy", "gnies", "voorde", "ines",
    ],
);

const OVERSEAS: Sounds = (
    &[
        "Anse-",
        "Grand-",
        "Petit-",
        "Rivière-",
        "Trou-",
        "Morne-",
        "Basse-",
        "Pointe-",
        "Bras-",
        "Ravine-",
    ],
    &["à-", "de-", "du-"],
    &[
        "Palmes",
        "Coco",
        "Cannes",
        "Galets",
        "Roches",
        "Sable",
        "Mahault",
        "Vanille",
        "Fougères",
        "Salines",
    ],
);
