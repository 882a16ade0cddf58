/// The words of the lexicon in the languages of tags and file names.
enum LexiconWords {
    static let marks: [(VersionMarks, String)] = [
        (.live, "live unplugged concert concierto concerto bootleg bootlegs vivo directo ao livestream soundboard"),
        (.live, "sbd aud audience taper broadcast"),
        (.live, "gig onstage mitschnitt tonleikar canli konseri zivo uzivo nazivo zive zywo livena eloben"),
        (.live, "наживо вживую живьем живой живое συναυλια ζωντανα ζωντανη λαιβ לייב הופעה حفلة لايف مباشر"),
        (.live, "ライブ ライヴ コンサート 生演奏 라이브 콘서트 실황 现场 現場 演唱会 演唱會 แสดงสด लाइव"),
        (.remix, "remix remixes remixed rmx mix mixes remezcla ремикс ρεμιξ רמיקס ريمكس リミックス 리믹스 混音"),
        (.rework, "rework reworked refix bootmix mashup vip dub flip redux"),
        (.edit, "edit radio airplay single short radioversion radioedit радиоверсия"),
        (.extended, "extended maxi 12inch long langfassung estendida extendida"),
        (.acoustic, "acoustic stripped piano unplugged desenchufado desplugado"),
        (.acoustic, "акустика アコースティック 弾き語り 어쿠스틱 אקוסטי اكوستيك"),
        (.instrumental, "instrumental instrumentals inst acapella acappella cappella backing минус минусовка offvocal"),
        (.instrumental, "strumentale οργανικο インスト インストゥルメンタル 인스트 엠알 伴奏 纯音乐 純音樂 כלי"),
        (.karaoke, "karaoke playback cdg singalong カラオケ 노래방 伴唱 קריוקי كاريوكي คาราโอเกะ"),
        (.demo, "demo demos rough sketch sketches prototype rehearsal rehearsals demoversion maqueta maquette"),
        (.demo, "provino ensayo ensaio"),
        (.demo, "демо デモ 데모 小样 סקיצה"),
        (.session, "session sessions peel bbc colors tiny sesiones sessioni"),
        (.cover, "cover covers covered tribute tributes hommage homage performs homenaje homenagem tributo omaggio"),
        (.cover, "кавер каверы трибьют カバー 커버 翻唱 διασκευη"),
        (.reprise, "reprise interlude medley megamix"),
        (.clean, "clean censored edited"),
        (.tempo, "nightcore slowed sped screwed chopped reverb daycore spedup"),
        (.alternate, "alternate alternative alt take early unreleased"),
        (.outtake, "outtake outtakes"),
        (
            .rerecording,
            """
            rerecording rerecordings rerecorded neuaufnahme neuaufnahmen neueinspielung regrabado regrabada regrabación
            réenregistré réenregistrement regravado regravação reincisione nyinspelning nyinspelad nyindspilning
            nyinnspilling uudelleenäänitetty újrafelvétel перезапись перезаписано 再録音 再録 新録 재녹음 重录 重錄
            """
        ),
    ]

    static let stems: [(Lexicon.Entry, String)] = [
        (.init(marks: .live), "konzert concert koncert konsert konser концерт bootleg konzertmit livemit κονσερτ"),
        (.init(marks: .live), "ライブ ライヴ コンサート 演奏会 라이브 콘서트 실황 现场 現場 演唱会 演唱會 生放送"),
        (.init(marks: .remix), "remix remez remiks ремикс リミックス 리믹스 混音"),
        (.init(marks: .acoustic), "acoust acust akust akoest акуст ακουστ アコースティック 弾き語り 어쿠스틱 ピアノ 钢琴 피아노"),
        (.init(marks: .instrumental), "instrument strument инструм インスト 伴奏 纯音乐 純音樂 acappel acapel"),
        (.init(marks: .karaoke), "karaok караок カラオケ 노래방"),
        (.init(marks: .demo), "rehears ensay デモ 데모"),
        (.init(marks: .cover), "homenaj homenag カバー 커버 翻唱"),
        (.init(marks: .outtake), "outtak"),
        (.init(kinds: [.harmless, .strong, .edition]), "remast rimast ремаст gemast masteriz リマスター 리마스터 复刻"),
        (.init(kinds: [.harmless, .strong]), "album альбом アルバム 앨범 专辑 專輯"),
        (.init(kinds: [.harmless, .strong, .edition]), "edicion edicao edizion edycj издани uitgav utgav edition 盤"),
        (.init(kinds: [.harmless, .strong, .edition]), "bonus delux anniver aniver expand 无损 無損"),
        (.init(kinds: [.version]), "version versao версия wersj версии verzi バージョン 버전 版"),
        (.init(kinds: [.harmless]), "offici oficia oficja официальн офіційн hivatalos"),
        (.init(kinds: [.soft]), "limit special spezial especial original ориги oryg 年"),
    ]

    static let kinds: [(Lexicon.Kinds, String)] = [
        (
            [.harmless, .strong],
            """
            remaster remastered remasters remastering mastering mastered ремастер ремастеринг digital digitally stereo
            mono explicit dirty uncensored deluxe edition expanded anniversary bonus track tracks disc disk cd1 cd2 cd
            cds lp ep ost soundtrack flac mp3 m4a aac alac wav ape ogg opus wma lossless lossy hq hd hi hires hifi web
            webrip vinyl rip ripped ripper needledrop eac cdrip kbps kbit khz cbr vbr v0 v2 v1 320 256 192 128
            24bit 16bit copy gapless replaygain xrcd sacd shm hdcd itunes amazon bandcamp qobuz deezer tidal spotify
            promo retail pressing lame fhg xing helix nero aotuv digipak digipack gatefold slipcase xld dbpoweramp foobar cdex accuraterip reissue issue repress limited collectors box set mfsl mofi dcc tagged log cue scans
            album albums obi bpm key quality lyrics lyric bonustrack remasterisé remasterizado remasterizada remastérisé
            """
        ),
        (
            [.harmless],
            """
            original feat featuring with from by res 44 48 96 24 16 official audio video music complete full length
            visualizer visualiser animated lirik lirica testo letras songtext liedtext tekst teksti sozleri текст 歌詞
            歌词 가사 cut the and studio clip clipe klip klipp клип видео videoclip videoklip resmi officiel officielle oficial ufficiale offiziell letra paroles press first japan uk us usa eu import special my オリジナル оригинал title
            """
        ),
        (
            [.soft],
            """
            transfer transfers captured japanese german french italian british american european canadian australian russian del de la du da do el
            le les der die das dem den of on in en for a an w z ze z na с на из 2nd second speed half faixa pista cat label
            high description inch audiophile mint original year edición
            """
        ),
        (
            [.version],
            "version versions ver vers versión versione versão versio wersja версия verze verzió verzija versiyon 版"
        ),
        (
            [.recording],
            """
            recording recordings recorded aufnahme aufnahmen einspielung grabación enregistrement gravação registrazione
            inspelning indspilning innspilling opname felvétel nagranie запись ηχογράφηση 録音 녹음 录音 錄音
            """
        ),
        (
            [.ensemble],
            """
            trio quartet quintet sextet septet octet ensemble orchestra philharmonic symphony sinfonietta choir chorus
            consort players singers strings winds brass band quartett quintett orchester philharmoniker chor quatuor
            quintette orchestre choeur quartetto quintetto orquesta orquestra cuarteto quarteto coro оркестр квартет хор
            """
        ),
        ([.again], "re new newly neu neue nueva nuova nouvel nova ny nytt uj nowe новая νεα"),
        ([.link], "feat featuring with con avec mit com med duet duo duett w x и e y et und og och z met ve part"),
        ([.credit], "ripped rip ripper riped encoded uploaded upped tagged prod produced mastered shared seeded"),
        ([.place], "at"),
        ([.mono], "mono monaural моно モノラル 모노"),
        ([.stereo], "stereo estéreo стерео ステレオ 스테레오"),
        (
            [.edition],
            """
            remaster remastered remasters remastering deluxe expanded anniversary bonus edition reissue special limited
            collectors collector legacy super mono promo japanese japan
            """
        ),
        (
            [.counter],
            """
            track side disc disk cd titel piste pista faixa spor raita stopa utwor seite face lato lado sida трек дорожка
            сторона トラック 트랙 曲目
            """
        ),
        ([.ofClassical], "concerto piano concert"),
    ]

    /// Instead of an artist's name: "various artists".
    static let various = """
        various artists artist va v a verschiedene interpreten varios artistas vários artisti vari artistes divers diverse
        разные исполнители сборник 群星 オムニバス 여러 아티스트 διαφοροι
        """

    /// In folders' names only.
    static let folderMarks: [(VersionMarks, String)] = [
        (.live, "tour tournee tournée gira turnê turné turne tournée arena festival"), (.demo, "tapes"),
    ]

    /// Names of folders that hold an artist's records of every kind.
    static let plainShelves = "albums studio originals singles eps music others more"
    static let shelves = "live remixes bootlegs covers demos rarities compilations playlist unplugged"
    static let collections = "discography discografia collection complete works"

    /// Returns words as a set for comparisons with names.
    static func set(_ words: String) -> WordSet {
        var reader = NameReader(hasLexicon: false)
        return WordSet(reader.words(words).ids)
    }
}
