"""People's names from many scripts, and the plain ASCII form their e-mail addresses are made of.

Names in a Latin script are reduced to ASCII by rule; a name in another script carries its usual
romanisation after a `=`, because no rule would find it.
"""

import unicodedata
from dataclasses import dataclass
from random import Random

# One block per culture: weight, women's names, men's names, family names.
_CULTURES = """
12
Ada Grace Olivia Emma Charlotte Amelia Harriet Sophie Isla Megan Ruth Alice Siobhán Niamh
Oliver George Harry Jack Arthur Noah Leo Thomas Edward Ciarán Seán Owen Callum Dylan
Smith Jones Taylor Brown Walker Wright O'Brien O'Neill Hughes Green Hall Wood Clarke Baker Byron Hopper D'Arcy Smith-Jones

10
Anna Lena Johanna Käthe Jördis Franziska Heike Mareike Lieselotte Sabine Zoë Annegret
Jürgen Björn Günther Lukas Felix Jörg Matthias Götz Sebastian Tobias Hans-Peter Maximilian
Müller Schmidt Schröder Weiß Groß Bäcker Jäger König Köhler Lüdemann Schäfer Böhm Vogel Strauß Zimmermann Fuchs

7
Chloé Zoé Léa Inès Élodie Noémie Hélène Françoise Aurélie Maëlle Anaïs Océane
François Rémi Jérôme Loïc Benoît André Théo Gaël Mathéo Étienne Cédric Noël
Lefèvre Dubois Moreau Gérard Besançon Provençal Château Hervé Dupré Lévêque Benoît Poirée Mérimée Désormeaux

7
María Lucía Íñiga Sofía Begoña Concepción Ximena Inés Belén Rocío Martina Aitana
José Íñigo Andrés Álvaro Martín Jesús Raúl Óscar Nicolás Iván Joaquín Adrián
García Fernández Muñoz Peña Núñez Ibáñez Ordóñez Castaño Pérez Gómez López Rodríguez Martínez Sáenz Yáñez Güell

5
João Conceição Graça Inês Assunção Luísa Mafalda Beatriz Ágata Flávia Letícia Núbia
Gonçalo Tomé Sebastião Zé Estêvão António Luís Caetano Márcio Otávio Caio Antão
Gonçalves Conceição Magalhães Simões Guimarães Araújo Sá Leão Brandão Falcão Esteves Queirós

6
Åsa Linnéa Björk Sølvi Maja Astrid Ingrid Þórdís Aðalheiður Østbjørg Freja Saga
Åke Søren Bjørn Øyvind Håkon Jörgen Þór Anders Lars Magnus Göran Kåre
Ångström Sørensen Øster Bjørnsdal Håkansson Jørgensen Östlund Sjöberg Nygård Dæhlie Ærø Guðmundsen Lindqvist

6
Łucja Małgorzata Żaneta Agnieszka Světlana Zdeňka Ľubica Željka Đurđica Ágnes Zsófia Réka
Łukasz Wojciech Świętosław Krzysztof Jiří Ondřej Ľuboš Željko Đorđe László Győző Čeněk
Łęcki Wałęsa Dvořák Šťastný Kovač Đorđević Nagy Szabó Kőrösi Wójcik Grześkowiak Żak Horváth Čapek Ševčík

4
Ayşe Gülşen Çiğdem Özlem Işıl Şebnem Ebru Gökçe Ümmü Nazlı
Mehmet Çağrı Özgür Şükrü Işık Oğuz Ümit Gökhan Barış Yiğit
Yılmaz Çelik Öztürk Şahin Doğan Güneş Aydın Kılıç Işık Çağlar

4
Nguyệt Hương Thảo Ngọc Ánh Mỹ Quỳnh Tuyết Hạnh Trúc
Đức Dũng Hiếu Tuấn Quốc Thắng Bảo Phước Khôi Vũ
Nguyễn Trần Lê Phạm Hoàng Đặng Bùi Đỗ Hồ Ngô

6
Мария=maria Анна=anna Ольга=olga Світлана=svitlana Юлія=yuliia Наталья=natalya Оксана=oksana Жанна=zhanna Щаслава=shchaslava Ярина=yaryna
Олександр=oleksandr Дмитрий=dmitry Сергій=serhii Юрій=yurii Андрей=andrey Михайло=mykhailo Тарас=taras Фёдор=fyodor Ілля=illia Георги=georgi
Шевченко=shevchenko Коваленко=kovalenko Бондаренко=bondarenko Щербак=shcherbak Ткач=tkach Мельник=melnyk Гончар=honchar Чайка=chaika Журавель=zhuravel Юхименко=yukhymenko

5
Ελένη=eleni Μαρία=maria Αικατερίνη=aikaterini Σοφία=sofia Θεοδώρα=theodora Ιωάννα=ioanna Χρυσούλα=chrysoula Δέσποινα=despoina
Γιώργος=giorgos Νίκος=nikos Δημήτρης=dimitris Κωνσταντίνος=konstantinos Θανάσης=thanasis Παναγιώτης=panagiotis Χρήστος=christos Σπύρος=spyros
Παπαδάκης=papadakis Οικονόμου=oikonomou Αλεξίου=alexiou Γεωργίου=georgiou Χατζής=chatzis Ψάλτης=psaltis Ξένος=xenos Θεοτοκάς=theotokas

5
נועה=noa תמר=tamar שירה=shira יעל=yael רחל=rachel מיכל=michal הדס=hadas אביגיל=avigail
דוד=david יוסף=yosef אורי=uri איתן=eitan משה=moshe נועם=noam ברק=barak צבי=zvi
כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz ביטון=biton אברהם=avraham פרידמן=friedman שפירא=shapira גולן=golan

5
فاطمة=fatima مريم=maryam نور=nour ليلى=layla سارة=sara هدى=huda زينب=zainab ياسمين=yasmin
محمد=mohammed أحمد=ahmed يوسف=youssef عمر=omar خالد=khaled حسن=hassan طارق=tariq سامي=sami
الحداد=alhaddad النجار=alnajjar حسين=hussein منصور=mansour الشامي=alshami خوري=khoury صالح=saleh عثمان=othman العلي=alali

6
伟芳=weifang 秀英=xiuying 丽娜=lina 静=jing 敏=min 婷婷=tingting 雪=xue 梅=mei
伟=wei 强=qiang 磊=lei 军=jun 洋=yang 勇=yong 杰=jie 志明=zhiming
王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 黄=huang 赵=zhao 吴=wu 欧阳=ouyang 𠮷田=jitian

5
さくら=sakura 陽子=yoko 美咲=misaki 葵=aoi 恵=megumi ゆい=yui 千尋=chihiro 直美=naomi
太郎=taro 健=ken 翔太=shota 大輔=daisuke 誠=makoto 隼人=hayato 蓮=ren 拓海=takumi
佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡邉=watanabe 伊藤=ito 髙木=takagi 小林=kobayashi 斎藤=saito

4
서연=seoyeon 지우=jiwoo 하은=haeun 민지=minji 수빈=subin 은정=eunjeong
민준=minjun 도윤=doyun 서준=seojun 지훈=jihun 현우=hyeonu 성민=seongmin
김=kim 이=lee 박=park 최=choi 정=jeong 강=kang 조=cho 윤=yoon 임=lim

6
प्रिया=priya अनन्या=ananya लक्ष्मी=lakshmi सुनीता=sunita दीपा=deepa कविता=kavita मीरा=meera श्रुति=shruti
राहुल=rahul अर्जुन=arjun विक्रम=vikram संजय=sanjay कृष्ण=krishna अमित=amit रवि=ravi श्रीनिवास=srinivas
शर्मा=sharma वर्मा=verma गुप्ता=gupta सिंह=singh पटेल=patel अय्यर=iyer मिश्रा=mishra चौधरी=chaudhary

2
อรทัย=orathai มาลี=malee สุดา=suda พิมพ์=pim
สมชาย=somchai ประเสริฐ=prasert วิชัย=wichai อนันต์=anan
ใจดี=jaidee ศรีสุข=srisuk ทองดี=thongdee วงศ์สวัสดิ์=wongsawat

2
ნინო=nino თამარ=tamar ქეთევან=ketevan მანანა=manana
გიორგი=giorgi დავით=davit ირაკლი=irakli ზურაბ=zurab
ბერიძე=beridze კაპანაძე=kapanadze გელაშვილი=gelashvili მაისურაძე=maisuradze
"""

# Letters that Unicode does not decompose into an ASCII letter and a mark.
_PLAIN = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue",
})


def ascii_fold(text: str) -> str:
    """The lower-case a-z form of a Latin name: "Jürgen O'Brien" is "juergenobrien"."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_PLAIN))
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == "-")).lower()


@dataclass(slots=True, frozen=True)
class Name:
    """A name as it is written, and as it goes into an e-mail address."""

    text: str
    plain: str


@dataclass(slots=True, frozen=True)
class Culture:
    """Names that go together."""

    weight: int
    women: tuple[Name, ...]
    men: tuple[Name, ...]
    family: tuple[Name, ...]


def _read_names(line: str) -> tuple[Name, ...]:
    pairs = (word.partition("=") for word in line.split())
    return tuple(Name(text, plain or ascii_fold(text)) for text, _, plain in pairs)


def _read_cultures() -> tuple[Culture, ...]:
    blocks = (block.split("\n") for block in _CULTURES.strip().split("\n\n"))
    return tuple(Culture(int(weight), *map(_read_names, lines)) for weight, *lines in blocks)


CULTURES = _read_cultures()
_PLAIN_OF = {name.text: name.plain for c in CULTURES for names in (c.women, c.men, c.family) for name in names}
_URN = [culture for culture in CULTURES for _ in range(culture.weight)]


def romanise(text: str) -> str:
    """The ASCII form of any name; of one that no rule knows, "person"."""
    return _PLAIN_OF.get(text) or ascii_fold(text) or "person"


def draw(rng: Random, woman: bool) -> tuple[Name, Name]:
    """A given and a family name of one culture."""
    culture = _URN[int(rng.random() * len(_URN))]
    given = culture.women if woman else culture.men
    return given[int(rng.random() * len(given))], culture.family[int(rng.random() * len(culture.family))]
