//! What the app writes in its own words: placeholders of files, notices, the names of exports.

use crate::import::reading::chat::media;
use crate::import::reading::dates::is_mark;
use crate::import::reading::turns::file;

/// Placeholders for a file of any kind that was left out, in the languages of phones.
const OMITTED: [&str; 53] = [
    "media omitted",
    "medien ausgeschlossen",
    "medien weggelassen",
    "multimedia omitido",
    "archivo omitido",
    "se omitió el archivo multimedia",
    "médias omis",
    "média omis",
    "fichier omis",
    "media omessi",
    "media omesso",
    "mídia oculta",
    "mídia omitida",
    "arquivo de mídia oculto",
    "arquivo de mídia omitido",
    "ficheiro não revelado",
    "ficheiro omitido",
    "media weggelaten",
    "без медиафайлов",
    "медиафайл пропущен",
    "файл пропущен",
    "медіа пропущено",
    "без медіафайлів",
    "medya dahil edilmedi",
    "medya atlandı",
    "pominięto multimedia",
    "multimedia pominięte",
    "media har utelämnats",
    "media utesluten",
    "medier udeladt",
    "mediefil er utelatt",
    "utelatt media",
    "media jätettiin pois",
    "média vynechány",
    "média vynechané",
    "hiányzó médiafájl",
    "media tidak disertakan",
    "ไม่รวมไฟล์สื่อ",
    "メディアは含まれていません",
    "省略多媒體檔案",
    "省略多媒体文件",
    "미디어 파일을 제외한 내용",
    "تم استبعاد الوسائط",
    "המדיה לא נכללה",
    "미디어 파일 제외됨",
    "媒体文件已省略",
    "已略去媒體檔",
    "メディアファイル省略",
    "رسانه حذف شد",
    "मीडिया के बिना",
    "παραλείφθηκε το πολυμέσο",
    "fișier media omis",
    "media dihilangkan",
];

/// Placeholders of iOS, which name the kind: the word for it, and ours.
const KINDS: &[(&str, &str)] = &[
    ("image omitted", "picture"),
    ("photo omitted", "picture"),
    ("video omitted", "video"),
    ("video note omitted", "video"),
    ("audio omitted", "audio"),
    ("voice message omitted", "audio"),
    ("gif omitted", "picture"),
    ("sticker omitted", "sticker"),
    ("document omitted", "file"),
    ("contact card omitted", "contact"),
    ("bild weggelassen", "picture"),
    ("video weggelassen", "video"),
    ("audio weggelassen", "audio"),
    ("gif weggelassen", "picture"),
    ("sticker weggelassen", "sticker"),
    ("dokument weggelassen", "file"),
    ("kontaktkarte weggelassen", "contact"),
    ("imagen omitida", "picture"),
    ("video omitido", "video"),
    ("audio omitido", "audio"),
    ("gif omitido", "picture"),
    ("sticker omitido", "sticker"),
    ("documento omitido", "file"),
    ("image absente", "picture"),
    ("vidéo absente", "video"),
    ("audio omis", "audio"),
    ("gif retiré", "picture"),
    ("sticker omis", "sticker"),
    ("document manquant", "file"),
    ("immagine omessa", "picture"),
    ("video omesso", "video"),
    ("audio omesso", "audio"),
    ("gif esclusa", "picture"),
    ("sticker non incluso", "sticker"),
    ("documento omesso", "file"),
    ("imagem ocultada", "picture"),
    ("imagem omitida", "picture"),
    ("vídeo omitido", "video"),
    ("áudio ocultado", "audio"),
    ("áudio omitido", "audio"),
    ("figurinha omitida", "sticker"),
    ("afbeelding weggelaten", "picture"),
    ("video weggelaten", "video"),
    ("audio weggelaten", "audio"),
    ("изображение отсутствует", "picture"),
    ("видео отсутствует", "video"),
    ("аудио отсутствует", "audio"),
    ("görüntü dahil edilmedi", "picture"),
    ("画像は省略されました", "picture"),
    ("图像已省略", "picture"),
    ("bild utelämnad", "picture"),
    ("gif utelämnad", "picture"),
    ("billede udeladt", "picture"),
    ("gif udeladt", "picture"),
    ("bilde utelatt", "picture"),
    ("gif utelatt", "picture"),
    ("kuva jätettiin pois", "picture"),
    ("kuva jätetty pois", "picture"),
    ("pominięto obraz", "picture"),
    ("obraz pominięty", "picture"),
    ("obrázek vynechán", "picture"),
    ("obrázok vynechaný", "picture"),
    ("kép kihagyva", "picture"),
    ("imagine omisă", "picture"),
    ("gif omis", "picture"),
    ("gif dahil edilmedi", "picture"),
    ("η εικόνα παραλείφθηκε", "picture"),
    ("παραλείφθηκε εικόνα", "picture"),
    ("зображення пропущено", "picture"),
    ("изображение пропущено", "picture"),
    ("gif отсутствует", "picture"),
    ("تم استبعاد الصورة", "picture"),
    ("تم استبعاد ملف gif", "picture"),
    ("התמונה הושמטה", "picture"),
    ("התמונה לא נכללה", "picture"),
    ("图像已忽略", "picture"),
    ("图片已忽略", "picture"),
    ("图片已省略", "picture"),
    ("已略去圖片", "picture"),
    ("圖片已略去", "picture"),
    ("圖像已略去", "picture"),
    ("忽略圖片", "picture"),
    ("画像が省略されました", "picture"),
    ("gifは省略されました", "picture"),
    ("이미지 생략됨", "picture"),
    ("이미지가 생략되었습니다", "picture"),
    ("사진 생략됨", "picture"),
    ("ไม่รวมรูปภาพ", "picture"),
    ("ละเว้นรูปภาพ", "picture"),
    ("छवि छोड़ी गई", "picture"),
    ("gambar tidak disertakan", "picture"),
    ("gambar dikecualikan", "picture"),
    ("gif weggelaten", "picture"),
    ("gif ocultado", "picture"),
    ("image omise", "picture"),
    ("imatge omesa", "picture"),
    ("đã bỏ qua hình ảnh", "picture"),
    ("video utelämnad", "video"),
    ("video udeladt", "video"),
    ("video utelatt", "video"),
    ("video jätettiin pois", "video"),
    ("video jätetty pois", "video"),
    ("pominięto film", "video"),
    ("film pominięty", "video"),
    ("video vynecháno", "video"),
    ("videó kihagyva", "video"),
    ("videoclip omis", "video"),
    ("video dahil edilmedi", "video"),
    ("το βίντεο παραλείφθηκε", "video"),
    ("відео пропущено", "video"),
    ("видео пропущено", "video"),
    ("تم استبعاد الفيديو", "video"),
    ("הסרטון הושמט", "video"),
    ("视频已忽略", "video"),
    ("视频已省略", "video"),
    ("已略去影片", "video"),
    ("影片已略去", "video"),
    ("動画は省略されました", "video"),
    ("ビデオは省略されました", "video"),
    ("동영상 생략됨", "video"),
    ("동영상이 생략되었습니다", "video"),
    ("ละเว้นวิดีโอ", "video"),
    ("video tidak disertakan", "video"),
    ("vídeo ocultado", "video"),
    ("vidéo omise", "video"),
    ("vídeo omès", "video"),
    ("ljud utelämnat", "audio"),
    ("lyd udeladt", "audio"),
    ("lyd utelatt", "audio"),
    ("ääni jätettiin pois", "audio"),
    ("äänite jätetty pois", "audio"),
    ("pominięto dźwięk", "audio"),
    ("pominięto nagranie audio", "audio"),
    ("zvuk vynechán", "audio"),
    ("hang kihagyva", "audio"),
    ("ses dahil edilmedi", "audio"),
    ("ο ήχος παραλείφθηκε", "audio"),
    ("аудіо пропущено", "audio"),
    ("аудио пропущено", "audio"),
    ("تم استبعاد الصوت", "audio"),
    ("האודיו הושמט", "audio"),
    ("ההקלטה הושמטה", "audio"),
    ("音频已忽略", "audio"),
    ("音频已省略", "audio"),
    ("已略去音訊", "audio"),
    ("音訊已略去", "audio"),
    ("音声は省略されました", "audio"),
    ("오디오 생략됨", "audio"),
    ("오디오가 생략되었습니다", "audio"),
    ("ละเว้นเสียง", "audio"),
    ("audio tidak disertakan", "audio"),
    ("audio manquant", "audio"),
    ("àudio omès", "audio"),
    ("sticker utelämnad", "sticker"),
    ("klistermärke utelämnat", "sticker"),
    ("sticker udeladt", "sticker"),
    ("klistremerke utelatt", "sticker"),
    ("tarra jätettiin pois", "sticker"),
    ("pominięto naklejkę", "sticker"),
    ("nálepka vynechána", "sticker"),
    ("matrica kihagyva", "sticker"),
    ("çıkartma dahil edilmedi", "sticker"),
    ("стікер пропущено", "sticker"),
    ("стикер отсутствует", "sticker"),
    ("стикер пропущен", "sticker"),
    ("تم استبعاد الملصق", "sticker"),
    ("הסטיקר הושמט", "sticker"),
    ("贴图已忽略", "sticker"),
    ("贴图已省略", "sticker"),
    ("已略去貼圖", "sticker"),
    ("貼圖已略去", "sticker"),
    ("スタンプは省略されました", "sticker"),
    ("스티커 생략됨", "sticker"),
    ("stiker tidak disertakan", "sticker"),
    ("sticker weggelaten", "sticker"),
    ("figurinha ocultada", "sticker"),
    ("dokument utelämnat", "file"),
    ("dokument udeladt", "file"),
    ("dokument utelatt", "file"),
    ("asiakirja jätettiin pois", "file"),
    ("pominięto dokument", "file"),
    ("dokument vynechán", "file"),
    ("document omis", "file"),
    ("belge dahil edilmedi", "file"),
    ("το έγγραφο παραλείφθηκε", "file"),
    ("документ пропущено", "file"),
    ("документ отсутствует", "file"),
    ("документ пропущен", "file"),
    ("تم استبعاد المستند", "file"),
    ("המסמך הושמט", "file"),
    ("文档已忽略", "file"),
    ("文档已省略", "file"),
    ("已略去文件", "file"),
    ("文件已略去", "file"),
    ("文書は省略されました", "file"),
    ("문서 생략됨", "file"),
    ("dokumen tidak disertakan", "file"),
    ("document weggelaten", "file"),
    ("documento ocultado", "file"),
    ("kontaktkort utelämnat", "contact"),
    ("kontaktkort udeladt", "contact"),
    ("kontaktkort utelatt", "contact"),
    ("pominięto kartę kontaktu", "contact"),
    ("tarjeta de contacto omitida", "contact"),
    ("fiche contact manquante", "contact"),
    ("scheda contatto omessa", "contact"),
    ("contactkaart weggelaten", "contact"),
    ("cartão de contato ocultado", "contact"),
    ("карточка контакта отсутствует", "contact"),
    ("تم استبعاد بطاقة جهة الاتصال", "contact"),
    ("联系人名片已忽略", "contact"),
];

/// What the app says about a chat in notices that stand behind a name on iOS, in parts that
/// nobody writes: end-to-end encryption in the languages of phones.
const NOTICES: [&str; 22] = [
    "messages and calls are end-to-end encrypted",
    "messages to this chat and calls are now secured",
    "messages to this group are now secured",
    "messages you send to this group are now secured",
    "nachrichten und anrufe sind ende-zu-ende-verschlüsselt",
    "nachrichten, die du in diesem chat",
    "mensajes y las llamadas están cifrados de extremo a extremo",
    "mensajes y llamadas están cifrados de extremo a extremo",
    "messages et les appels sont chiffrés de bout en bout",
    "messaggi e le chiamate sono crittografati end-to-end",
    "mensagens e ligações são protegidas com a criptografia de ponta a ponta",
    "mensagens e as chamadas são encriptadas de ponta a ponta",
    "berichten en gesprekken zijn end-to-end versleuteld",
    "сообщения и звонки защищены сквозным шифрованием",
    "mesajlar ve aramalar uçtan uca şifrelidir",
    "wiadomości i połączenia są w pełni szyfrowane",
    "pesan dan panggilan terenkripsi secara end-to-end",
    "メッセージと通話はエンドツーエンド暗号化されています",
    "消息和通话已进行端到端加密",
    "訊息和通話經端對端加密",
    "메시지와 통화는 종단간 암호화됩니다",
    "الرسائل والمكالمات مشفرة تمامًا بين الطرفين",
];

/// The words of exports' names before the name of the chat.
const TITLES: [&str; 22] = [
    "WhatsApp Chat with ",
    "WhatsApp Chat - ",
    "WhatsApp Chat mit ",
    "WhatsApp-Chat mit ",
    "WhatsApp-Chat - ",
    "Chat de WhatsApp con ",
    "Chat WhatsApp con ",
    "Chat di WhatsApp con ",
    "Discussion WhatsApp avec ",
    "Conversation WhatsApp avec ",
    "Conversa do WhatsApp com ",
    "WhatsApp-chat met ",
    "WhatsApp-chatt med ",
    "WhatsApp-chat med ",
    "Czat WhatsApp z ",
    "Чат WhatsApp с контактом ",
    "Чат WhatsApp с ",
    "Chat WhatsApp dengan ",
    "Obrolan WhatsApp dengan ",
    "与 ",
    "WhatsApp'taki sohbet - ",
    "WhatsApp ",
];

/// Returns the name of the chat from that of its file; `None` where it says nothing.
pub(super) fn chat_name(file: &str) -> Option<&str> {
    let known = TITLES.iter().find_map(|words| file.strip_prefix(words));
    let name = known.unwrap_or(file);
    // A second download is numbered.
    let copy = name
        .rsplit_once(" (")
        .filter(|(_, number)| number.strip_suffix(')').is_some_and(|n| n.parse::<u16>().is_ok()));
    let name = copy.map_or(name, |(name, _)| name);
    let name = name.strip_suffix(".txt").unwrap_or(name).trim();
    (!name.is_empty() && name != "_chat" && name != "chat").then_some(name)
}

/// Returns what was said: placeholders in recount's form, marks of the app left out.
pub(super) fn said(text: &str) -> String {
    let text = edited(text);
    // The app marks its own words, and puts marks around people who are mentioned.
    let marked = text.starts_with(is_mark);
    let text = text.trim_start_matches(is_mark);
    let (first, rest) = text.split_once('\n').map_or((text, ""), |(first, rest)| (first, rest));
    let line = first.trim();
    let made = omitted(line).or_else(|| by_kind(line)).or_else(|| attached(line, marked));
    let text = match made {
        Some(line) if rest.is_empty() => line,
        Some(line) => format!("{line}\n{rest}"),
        None => text.to_owned(),
    };
    text.replace(['\u{2068}', '\u{2069}'], "")
}

/// Returns a text without the mark that it was edited, which stands at its end in angle brackets.
fn edited(text: &str) -> &str {
    let trimmed = text.trim_end();
    let mark = trimmed.strip_suffix('>').and_then(|t| t.rfind('<').map(|at| (at, &t[at..])));
    match mark {
        Some((at, inside))
            if at > 0
                && !inside.contains('\n')
                && trimmed[..at].ends_with('\u{200E}')
                && !inside.contains([':', '：', '.']) =>
        {
            trimmed[..at].trim_end_matches(|c: char| is_mark(c) || c.is_whitespace())
        }
        _ => text,
    }
}

fn omitted(line: &str) -> Option<String> {
    let inside = line.strip_prefix('<')?.strip_suffix('>')?.trim().to_lowercase();
    OMITTED.contains(&inside.as_str()).then(|| media("media"))
}

fn by_kind(line: &str) -> Option<String> {
    let plain = line.trim_end_matches('.').to_lowercase();
    let plain = plain.trim_matches(|c| is_mark(c) || matches!(c, '<' | '>'));
    if let Some((_, kind)) = KINDS.iter().find(|(words, _)| *words == plain) {
        return Some(media(kind));
    }
    // A document keeps its name and the number of its pages.
    let (name, words) = line.split_once('\u{200E}').filter(|(name, _)| !name.trim().is_empty())?;
    let words = words.trim_start_matches(is_mark).to_lowercase();
    let known = KINDS.iter().any(|(known, kind)| *kind == "file" && words.ends_with(known));
    known.then(|| file(name.trim_end_matches(|c: char| c.is_whitespace() || c == '•')))
}

/// Returns the line for a file that came with the export: `<attached: name>` in any language, or
/// `name (file attached)`.
fn attached(line: &str, marked: bool) -> Option<String> {
    let name = |text: &str| {
        let (stem, end) = text.rsplit_once('.')?;
        let fits = !stem.trim().is_empty()
            && (1..=5).contains(&end.len())
            && end.chars().all(|c| c.is_ascii_alphanumeric())
            && !text.contains(['/', '\\']);
        fits.then(|| file(text))
    };
    if let Some(inside) = line.strip_suffix('>')
        && let Some(at) = inside.rfind('<')
        && let Some((word, attached)) = inside[at + 1..].split_once([':', '：'])
        && word.chars().count() <= 24
    {
        let before = inside[..at].trim_matches(|c| is_mark(c) || c.is_whitespace());
        let made = name(attached.trim_matches(|c| is_mark(c) || c.is_whitespace()))?;
        // The name of a document stands before it again.
        return (before.is_empty() || inside[..at].contains('\u{200E}') || before.contains('•'))
            .then_some(made);
    }
    let (before, words) = line.strip_suffix(')')?.rsplit_once(" (")?;
    let made_by_app = before.len() > 7
        && before[..4].bytes().take(3).all(|b| b.is_ascii_uppercase())
        && before.contains("-WA");
    let known = ["file attached", "datei angehängt", "archivo adjunto", "file allegato"];
    (marked || made_by_app || known.contains(&words.to_lowercase().as_str()))
        .then(|| name(before.trim_matches(is_mark)))?
}

/// Whether a text is a notice of the app that anybody's name can stand before.
pub(super) fn is_notice(text: &str) -> bool {
    let text = text.trim_start_matches(is_mark).to_lowercase();
    NOTICES.iter().any(|words| text.contains(words))
}

/// Whether a text is the app's own word, in any language: on iOS the app puts a mark before what it
/// writes itself. Not what it writes for somebody: files, places, polls.
pub(super) fn is_own_word(text: &str) -> bool {
    let marked = text.starts_with('\u{200E}');
    let line = text.trim_matches(|c| is_mark(c) || c.is_whitespace());
    marked
        && !line.is_empty()
        && !line.contains('\n')
        && !line.contains("://")
        && by_kind(line).is_none()
        && attached(line, marked).is_none()
        && omitted(line).is_none()
}

/// Whether a text can be a notice: the app marks them, as it does placeholders and what was
/// deleted.
pub(super) fn looks_like_notice(text: &str) -> bool {
    let marked = text.starts_with('\u{200E}');
    let plain = text.trim_start_matches(is_mark);
    let line = plain.lines().next().unwrap_or_default().trim();
    (marked || is_notice(text))
        && by_kind(line).is_none()
        && attached(line, marked).is_none()
        && omitted(line).is_none()
        && line.chars().count() > 36
}
