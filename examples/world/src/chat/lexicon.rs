//! What people write. Lists are in order of popularity; `<…>` is a slot that the grammar fills.

use crate::figure::{ClothesColor, Expression, Held};
use crate::scenery::Place;
use crate::show::{SceneKind, Show, Subject};

/// What is a meme whatever the picture shows.
pub(super) const MEMES: &[&str] = &[
    "うぽつ",
    "知ってた",
    "せやな",
    "お前ら落ち着け<laugh>",
    "なるほどわからん",
    "運営仕事しろ",
    "俺得",
    "弾幕はよ",
    "誰得だよ<laugh>",
    "おまわりさんこっちです",
    "ここまで全部予定通り",
    "それはどうかな",
    "はい優勝",
    "わかりみが深い",
    "語彙力が死んだ",
    "今北産業",
    "フラグ立ったな",
    "伏線だぞ",
    "これは神回",
    "作画班がんばれ",
    "画面に近すぎる<laugh>",
    "コメント多すぎ<laugh>",
    "全裸待機してた",
    "歴史に残る回",
    "俺は好きだよ",
    "早口で言ってそう",
    "急にどうした<laugh>",
    "平和だなあ",
    "時報きた",
    "また明日も見る",
    "金曜の夜はこれ",
    "実家のような安心感",
    "初見です",
    "周回勢です",
    "三周目",
    "なんか涙出てきた",
    "親の顔より見た",
    "未来から来ました",
    "令和から来ました",
    "ここだけ百回見た",
];

/// What is added to agree.
pub(super) const AGREE: &[&str] = &[
    "それな",
    "わかる",
    "ほんとそれ",
    "同意",
    "たしかに",
    "禿同",
    "だよね",
    "ほんまや",
    "その通り",
    "いいこと言った",
    "ちがうだろ<laugh>",
    "おいやめろ<laugh>",
];

/// Praise that fits anybody.
pub(super) const PRAISE: &[&str] = &[
    "かわいい",
    "かわいい",
    "かわいすぎる",
    "天使",
    "かわええ",
    "最高",
    "いい子",
    "尊い",
    "すき",
    "女神",
    "美人",
    "反則だろ",
    "癒やされる",
];

/// Faces made of signs.
pub(super) const FACES: &[&str] = &[
    "(´・ω・｀)",
    "(*´ω｀*)",
    "（　＾ω＾）",
    "Σ(ﾟДﾟ)",
    "(・∀・)",
    "（´；ω；｀）",
    "ヽ(・∀・)ノ",
    "(; ･`д･´)",
    "(｀・ω・´)",
];

/// Small pictures of signs over several lines.
pub(super) const DRAWINGS: &[&str] = &[
    "　　　　　＿＿\n　　　／　　　＼\n　　｜　・　・　｜\n　　　＼　ー　／",
    "　　∩　　∩\n　（　・ー・）\n　／　　　づ　旦",
    "　　　　★\n　　　／　＼\n　　／　　　＼\n　　￣￣￣￣",
    "┌（　・＿・）┘\n　　　　＜　＼",
];

/// Ends of sentences.
pub(super) const ENDS: &[&str] = &[
    "",
    "な",
    "よね",
    "な<laugh>",
    "わ",
    "！",
    "…",
    "よ",
    "なあ",
    "ぞ",
    "！！",
    "ー",
];

/// Where someone is who cannot be seen, or about someone who may be.
pub(super) const NAME_ABSENT: &[&str] = &[
    "<N>まだ？",
    "<N>どこ？",
    "<N>の出番少ない<end>",
    "<N>はよ",
    "<N>がいない…",
    "<N>を待つ会",
    "<N>ロス",
    "次は<N>の番だろ",
    "<N>で目が覚めた",
];

/// About someone in the picture.
pub(super) const NAME_ANY: &[&str] = &[
    "<N><praise>",
    "<N><praise><end>",
    "<N>！",
    "<N>きた<bang>",
    "<N>すき",
    "<N>は<praise>",
    "やっぱり<N>が一番<end>",
    "今日の<N>も<praise>",
    "<N>の<part>いい<end>",
    "<N>推しです",
    "俺は<N>派",
    "<N>の声いい<end>",
    "<N>の<part>が本体<laugh>",
    "<N>ちょっとそこ代われ",
    "<N>と結婚したい",
    "<N>になら怒られたい",
    "<N><N><N>",
    "<N>の保護者です",
    "<N>を見に来た",
    "<N>はうちの子",
    "<N>がこっち見た",
    "<N>の<part>さわりたい",
    "<N>ほんと<praise>",
];

/// About the clothes that someone in the picture wears in this scene: before the name they tell who
/// is meant, after it only a look tells them.
pub(super) const NAME_WEARS: &[&str] = &[
    "<N>は<color>",
    "<N>の服<color>",
    "<color>の<N>",
    "<N>が<color>",
    "<N>は<color>か",
    "<N>は<color>が似合う<end>",
    "<color>の<N><praise>",
    "<N>の<color>いい<end>",
];

/// The same with the colour always before the name.
pub(super) const WEARER_NAMED: &[&str] = &[
    "<color>の<N>",
    "<color>の<N><praise>",
    "<color>の服は<N>",
    "<color>の服の<N>すき",
    "<color>が似合う<N>",
    "<color>を着た<N><end>",
];

/// What a colour is called, in one word.
pub(super) fn color(color: ClothesColor) -> &'static str {
    match color {
        ClothesColor::Brown => "茶",
        ClothesColor::Navy => "紺",
        ClothesColor::Crimson => "赤",
        ClothesColor::Green => "緑",
        ClothesColor::Khaki => "カーキ",
        ClothesColor::White => "白",
        ClothesColor::Violet => "紫",
        ClothesColor::Yellow => "黄",
    }
}

/// About two in the picture.
pub(super) const NAME_TWO: &[&str] = &[
    "<N>と<M>仲いい<end>",
    "<N>と<M>の会話すき",
    "<N>より<M>だろ",
    "<N>×<M>",
    "<N>と<M>並ぶと<praise>",
    "<M>が<N>を見てる",
    "<N>も<M>も<praise>",
];

/// About a character whose feeling can be seen.
pub(super) fn name_feeling(expression: Expression) -> &'static [&'static str] {
    match expression {
        Expression::Laugh => &[
            "<N>笑いすぎ<laugh>",
            "<N>いい笑顔",
            "<N>つられて笑った",
            "<N>楽しそう<end>",
        ],
        Expression::Smile => &[
            "<N>の笑顔<end>",
            "<N>にこにこしてる",
            "<N>スマイル",
            "<N>うれしそう<end>",
        ],
        Expression::Surprised => &[
            "<N>びっくりしすぎ<laugh>",
            "<N>の顔<laugh>",
            "<N>固まってる<laugh>",
            "<N>驚いてる",
        ],
        Expression::Sad => &[
            "<N>泣かないで",
            "<N>泣いてる…",
            "<N>を泣かせたの誰だ",
            "<N>元気出して",
        ],
        Expression::Angry => &[
            "<N>怒ってる<laugh>",
            "<N>激おこ<laugh>",
            "<N>こわい<laugh>",
            "<N>落ち着け",
        ],
        Expression::Calm => &[
            "<N>眠そう<end>",
            "<N>ぼーっとしてる<laugh>",
            "<N>静かだ<end>",
            "<N>考え中",
        ],
    }
}

/// About the feeling that can be seen, without a name.
pub(super) fn feeling(expression: Expression) -> &'static [&'static str] {
    match expression {
        Expression::Laugh => &[
            "いい笑顔",
            "笑いすぎ<laugh>",
            "つられる<laugh>",
            "楽しそう<end>",
        ],
        Expression::Smile => &[
            "この笑顔守りたい",
            "にこにこ",
            "ほっこりする",
            "笑顔<praise>",
        ],
        Expression::Surprised => &[
            "！？",
            "えっ",
            "びっくりした",
            "顔芸<laugh>",
            "そんなに驚く？<laugh>",
        ],
        Expression::Sad => &[
            "泣かないで",
            "もらい泣きした",
            "かわいそう",
            "(´；ω；｀)ﾌﾞﾜｯ",
        ],
        Expression::Angry => &[
            "おこなの？",
            "怒った顔も<praise>",
            "やばい怒ってる",
            "にげろ<laugh>",
        ],
        Expression::Calm => &["無言<laugh>", "間がいい<end>", "この空気すき", "眠い"],
    }
}

/// About someone who holds something.
pub(super) fn name_holding(held: Held) -> &'static [&'static str] {
    match held {
        Held::Nothing => &["<N><praise>"],
        Held::Cup => &[
            "<N>コーヒー似合う<end>",
            "<N>の淹れたコーヒー飲みたい",
            "<N>コーヒー飲めるの？",
            "<N>そのカップいい<end>",
        ],
        Held::Cake => &[
            "<N>ケーキ食べすぎ<laugh>",
            "<N>そのケーキくれ",
            "<N>のケーキになりたい",
            "<N>いちご残すタイプ",
        ],
        Held::Camera => &[
            "<N>カメラ持ってる",
            "<N>写真うまそう",
            "<N>カメラこっち向けて",
            "<N>何撮ってるの",
        ],
        Held::Binoculars => &[
            "<N>双眼鏡で何見てるの",
            "<N>双眼鏡<laugh>",
            "<N>何か見つけた？",
            "<N>双眼鏡逆<laugh>",
        ],
    }
}

/// About the place.
pub(super) fn place(place: Place) -> &'static [&'static str] {
    match place {
        Place::Counter => &[
            "コーヒー飲みたい",
            "この喫茶店行きたい",
            "店員になりたい",
            "ランプおしゃれ<end>",
            "コーヒーのいい匂いしそう",
            "カウンター席すき",
            "メニュー読めない<laugh>",
            "マスターどこ？",
        ],
        Place::Window => &[
            "窓際の席いい<end>",
            "天気いい<end>",
            "ケーキ食べたい",
            "カーテン<praise>",
            "外に出たくなる",
            "街並みきれい<end>",
            "窓から手を振りたい",
        ],
        Place::RainyWindow => &[
            "雨だ",
            "雨の日の喫茶店いい<end>",
            "傘持ってる？",
            "雨音が落ち着く",
            "梅雨かな",
            "雨やまない<end>",
            "洗濯物が…",
        ],
        Place::Kitchen => &[
            "キッチン広い<end>",
            "オーブンでかい<laugh>",
            "何か焼けた？",
            "フライパン多すぎ<laugh>",
            "お腹すいてきた",
            "料理回だ",
            "冷蔵庫ピンク<laugh>",
        ],
        Place::Plain => &[
            "キリンだ",
            "サバンナ広い<end>",
            "キリンこっち見てる<laugh>",
            "空が青い<end>",
            "キリン首長すぎ<laugh>",
            "雪山ある<laugh>",
            "行ってみたい",
        ],
        Place::Waterhole => &[
            "ゾウだ",
            "ゾウでかい<laugh>",
            "水浴び気持ちよさそう",
            "ゾウ<praise>",
            "鼻が長い<laugh>",
            "水飲み場だ",
            "ゾウが本体",
        ],
        Place::Jeep => &[
            "ジープかっこいい<end>",
            "揺れすぎ<laugh>",
            "しまうま柄<laugh>",
            "安全運転で",
            "シートベルトしろ<laugh>",
            "車酔いしそう",
            "誰が運転してるんだ<laugh>",
        ],
        Place::Sunset => &[
            "夕日きれい<end>",
            "夕焼けだ",
            "この景色泣ける",
            "鳥が飛んでる",
            "夕日に向かって叫べ",
            "もう夕方か",
            "オレンジ色",
        ],
        Place::Camp => &[
            "焚き火いい<end>",
            "星がきれい<end>",
            "キャンプ行きたい",
            "月がきれいですね",
            "夜だ",
            "テントで寝たい",
            "マシュマロ焼こう",
        ],
    }
}

/// About the thing that fills the picture.
pub(super) fn subject(subject: Subject) -> &'static [&'static str] {
    match subject {
        Subject::Cat => &[
            "猫！",
            "猫<praise>",
            "にゃーん",
            "猫きた<bang>",
            "看板猫だ",
            "猫派です",
            "猫のしっぽ<praise>",
            "猫になりたい",
        ],
        Subject::Cup => &[
            "コーヒーうまそう",
            "コーヒー飲みたい",
            "湯気いい<end>",
            "コーヒー淹れてくる",
            "ブラック派です",
            "コーヒーの作画<laugh>",
        ],
        Subject::Cake => &[
            "ケーキだ",
            "飯テロ<laugh>",
            "いちご！",
            "ケーキ食べたい",
            "ケーキうまそう",
            "深夜に見るんじゃなかった",
            "ケーキ買ってくる",
        ],
        Subject::Lion => &[
            "ライオンだ",
            "がおー",
            "ライオンかっこいい<end>",
            "逃げて<laugh>",
            "ライオンでかい猫だろ<laugh>",
            "ライオン<praise>",
            "食べられる<laugh>",
        ],
        Subject::Giraffe => &[
            "キリンだ",
            "キリン<praise>",
            "首長すぎ<laugh>",
            "キリンの顔<laugh>",
            "まつげ長い<end>",
        ],
        Subject::Elephant => &[
            "ゾウだ",
            "ぱおーん",
            "ゾウでかい<end>",
            "ゾウ<praise>",
            "鼻<laugh>",
        ],
        Subject::Jeep => &[
            "ジープだ",
            "ジープかっこいい<end>",
            "ぶーん",
            "乗りたい",
            "タイヤ回ってる<laugh>",
        ],
    }
}

/// About a scene of a special kind.
pub(super) fn kind(kind: SceneKind, show: Show) -> &'static [&'static str] {
    match (kind, show) {
        (SceneKind::Opening, Show::Cafe) => &[
            "きた<bang>",
            "はじまた",
            "OPきた",
            "待ってた",
            "喫茶きた<bang>",
            "この曲すき",
            "ロゴ<praise>",
            "いらっしゃいませ",
            "ジャズっぽい<end>",
        ],
        (SceneKind::Opening, Show::Safari) => &[
            "きた<bang>",
            "はじまた",
            "OPきた",
            "待ってた",
            "サファリきた<bang>",
            "この曲すき",
            "ロゴ<praise>",
            "出発！",
            "マリンバいい<end>",
        ],
        (SceneKind::Ending, _) => &[
            "おつ",
            "乙",
            "<clap>",
            "面白かった",
            "また来週",
            "終わっちゃった",
            "おしまい",
            "EDいい<end>",
            "次回も見る",
            "神回だった",
            "ご視聴ありがとうございました",
            "乱数さん仕事しすぎ<laugh>",
        ],
        (SceneKind::Dark, Show::Cafe) => &[
            "真っ暗",
            "停電？",
            "何も見えない",
            "目が光った<laugh>",
            "猫だろ<laugh>",
            "俺の顔が映った",
            "こわい",
            "電気つけて",
        ],
        (SceneKind::Dark, Show::Safari) => &[
            "真っ暗",
            "夜の動物こわい",
            "何も見えない",
            "目が光った<laugh>",
            "誰の目だよ<laugh>",
            "俺の顔が映った",
            "こわい",
            "後ろにいるぞ",
        ],
        (SceneKind::Joke, _) => &[
            "<laugh3>",
            "<laugh3>",
            "顔<laugh3>",
            "不意打ち<laugh3>",
            "腹筋返せ<laugh3>",
            "近い近い<laugh>",
            "ずるい<laugh3>",
            "ここすき",
            "お茶ふいた<laugh3>",
            "顔芸回<laugh3>",
            "でかい<laugh3>",
        ],
        _ => &[
            "静か",
            "景色きれい<end>",
            "誰もいない",
            "背景すごい<end>",
            "ここ行きたい",
            "カメラ動いた",
        ],
    }
}

/// What a character is known for.
pub(super) fn part(id: &str) -> &'static [&'static str] {
    match id {
        "kohaku" => &["ツインテ", "エプロン", "金髪"],
        "ruri" => &["リボン", "青い髪", "ロングヘア"],
        "mint" => &["メガネ", "パーカー", "緑の髪"],
        "azuki" => &["お団子", "セーラー服", "おでこ"],
        "marron" => &["ベレー帽", "くせ毛", "しましま"],
        "sumi" => &["ヘッドホン", "黒髪", "シャツ"],
        "leo" => &["ゴーグル", "つんつん頭", "オレンジの髪"],
        "momo" => &["麦わら帽子", "ポニテ", "ピンクの髪"],
        "tsubaki" => &["三つ編み", "花飾り", "黒髪"],
        _ => &["猫耳", "銀髪", "鈴"],
    }
}

/// Words between two statements of a long comment.
pub(super) const LINKS: &[&str] = &[
    "し、",
    "けど",
    "から",
    "って思ったけど",
    "し",
    "のに",
    "。それに",
    "、あと",
    "よりも",
    "。そして",
];

/// How long comments end.
pub(super) const CONCLUSIONS: &[&str] = &[
    "やっぱりこの回が一番好き",
    "みんなもそう思うだろ",
    "もう一回最初から見てくる",
    "作った人はすごいと思う",
    "明日も仕事がんばれる",
    "こういうのでいいんだよ",
    "何度見ても飽きないな",
    "友達にもすすめたい",
    "最後まで見ることにした",
    "誰か説明してくれ",
    "続きが気になって眠れない",
];
