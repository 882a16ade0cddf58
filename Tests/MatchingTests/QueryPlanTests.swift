import Contracts
import Matching
import Testing

@Suite("Questions for a track")
struct QueryPlanTests {
    private func plan(_ artist: String, _ title: String, album: String? = nil) -> [SearchQuery] {
        var track = Track(artist: artist, title: title)
        track.album = album
        return QueryPlan(track).queries
    }

    @Test func `go from the narrowest to the widest`() {
        let queries = plan("Océane Vasseur", "Minuit bleu (Live à Lyon) [feat. Tom Reyl]", album: "Nuits - Deluxe")
        #expect(
            queries == [
                SearchQuery(.full, "océane vasseur minuit bleu live lyon feat tom reyl"),
                SearchQuery(.plain, "océane vasseur minuit bleu"), SearchQuery(.album, "océane vasseur nuits"),
                SearchQuery(.transliterated, "oceane vasseur minuit bleu"), SearchQuery(.title, "minuit bleu"),
            ])
    }

    @Test func `are not repeated`() {
        #expect(
            plan("Marlene Quist", "Tide Tables").map(\.text) == ["marlene quist tide tables", "tide tables"])
    }

    @Test(arguments: [
        ("Снежные лисы", "Дорога", "snezhnyye lisy doroga"), ("Αλκυόνη", "Θάλασσα", "alkyoni thalassa"),
        ("きつね", "そら", "kitsune sora"), ("노래", "미소", "nolae miso"), ("Šárka Dvořáková", "Řeka", "sarka dvorakova reka"),
    ])
    func `include one in Latin letters`(artist: String, title: String, latin: String) throws {
        let queries = plan(artist, title)
        #expect(queries.first?.text == "\(artist) \(title)".lowercased())
        #expect(queries.first { $0.variant == .transliterated }?.text == latin)
    }

    @Test func `omit a transliteration that cannot be determined`() {
        #expect(!plan("きつね", "空の道").contains { $0.variant == .transliterated })
    }

    @Test func `have no signs that a network interprets, and no words of one letter`() {
        let queries = plan("A-Team & B", "-Don't* \"stop\" (I said)")
        #expect(queries.first?.text == "team don stop said")
        #expect(queries.allSatisfy { !$0.text.contains { "-*\"'&".contains($0) } })
    }

    @Test func `preserve a bracket at the beginning of a title, and names of digits`() {
        let queries = plan("808", "(Not) Tonight")
        #expect(queries.first?.text == "808 not tonight")
    }

    @Test(arguments: ["÷", "???", "", "🎵"])
    func `leave out a title without words`(title: String) {
        let queries = plan("Marlene Quist", title, album: "Harbour Lights")
        #expect(queries.map(\.text) == ["marlene quist", "marlene quist harbour lights"])
    }

    @Test func `consist of the words of a person, if there are any`() {
        let track = Track(artist: "Marlene Quist", title: "Tide Tables")
        #expect(
            QueryPlan(track, asked: " Quist: -Tide (demo)").queries == [SearchQuery(.asked, "quist tide demo")])
        #expect(QueryPlan(track, asked: "  ").queries.count == 2)
    }

    @Test func `are bounded for names of any length`() {
        let queries = plan(String(repeating: "word ", count: 4000), String(repeating: "x", count: 10_000))
        #expect(queries.allSatisfy { $0.text.split(separator: " ").count <= 16 && $0.text.utf8.count <= 256 })
    }
}
