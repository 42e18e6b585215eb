//! Abbreviations that keep their full stop.

/// In small letters or capitals.
pub(super) const ANY_CASE: &str = "(?i:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|\
    Wed|Thurs?|Fri|Mrs?|Ms|Drs?|Profs?|Gov|Sen|Gen|Col|Lt|Sgt|Capt|Mt|St|Sr|Jr|Bros|Co|Corp|Inc|\
    Ltd|Ave|Blvd|Rd|Dept|Etc|Ft|Sq|Est|Ala|Ariz|Calif|Colo|Conn|Dak|Fla|Ga|Ind|Kans?|Ky|Md|Mich|\
    Minn|Mo|Mont|Neb|Nev|Okla|Penn|Tenn|Va|Vt|Wis|Wyo|Messrs|Rev|Hon|Reps?|Cpl|Cmdr|Adm|Maj|Brig|\
    Atty|Supt|Pres|Insp|Esq|Ct|Assn|Ste|Mme|Mlle|Pvt|Alex|Wm|Jos|Cie|Spc|Ph|MD|vs|al|cf|tel|ext|\
    bldg|univ|seq)";

/// With a capital: without one they are words.
pub(super) const WITH_CAPITAL: &str = "A(?:rk|RK)|D(?:el|EL)|I(?:ll|LL)|L[aA]|M(?:ass|ASS)|\
    M(?:iss|ISS)|O(?:re|RE)|P[aA]|T(?:ex|EX)|W(?:ash|ASH)";

/// Before a number only.
pub(super) const BEFORE_A_NUMBER: &str = "[Nn]os?|[Ff]igs?|pp";
