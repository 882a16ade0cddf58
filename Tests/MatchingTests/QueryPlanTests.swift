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

    @Test func `are not asked twice`() {
        #expect(
            plan("Marlene Quist", "Tide Tables").map(\.text) == ["marlene quist tide tables", "tide tables"])
    }

    @Test(arguments: [
        ("Снежные лисы", "Дорога", "snezhnyye lisy doroga"), ("Αλκυόνη", "Θάλασσα", "alkyoni thalassa"),
        ("きつね", "そら", "kitsune sora"), ("노래", "미소", "nolae miso"), ("Šárka Dvořáková", "Řeka", "sarka dvorakova reka"),
    ])
    func `are asked in Latin letters, too`(artist: String, title: String, latin: String) throws {
        let queries = plan(artist, title)
        #expect(queries.first?.text == "\(artist) \(title)".lowercased())
        #expect(queries.first { $0.variant == .transliterated }?.text == latin)
    }

    @Test func `are not asked in a reading that nobody knows`() {
        #expect(!plan("きつね", "空の道").contains { $0.variant == .transliterated })
    }

    @Test func `have no sign that a network takes for an order, and no word of one letter`() {
        let queries = plan("A-Team & B", "-Don't* \"stop\" (I said)")
        #expect(queries.first?.text == "team don stop said")
        #expect(queries.allSatisfy { !$0.text.contains { "-*\"'&".contains($0) } })
    }

    @Test func `keep a bracket that opens a title, and names made of digits`() {
        let queries = plan("808", "(Not) Tonight")
        #expect(queries.first?.text == "808 not tonight")
    }

    @Test(arguments: ["÷", "???", "", "🎵"])
    func `leave out a title without words`(title: String) {
        let queries = plan("Marlene Quist", title, album: "Harbour Lights")
        #expect(queries.map(\.text) == ["marlene quist", "marlene quist harbour lights"])
    }

    @Test func `are a person's words alone where there are some`() {
        let track = Track(artist: "Marlene Quist", title: "Tide Tables")
        #expect(
            QueryPlan(track, asked: " Quist: -Tide (demo)").queries == [SearchQuery(.asked, "quist tide demo")])
        #expect(QueryPlan(track, asked: "  ").queries.count == 2)
    }

    @Test func `stay short for names of any length`() {
        let queries = plan(String(repeating: "word ", count: 4000), String(repeating: "x", count: 10_000))
        #expect(queries.allSatisfy { $0.text.split(separator: " ").count <= 16 && $0.text.utf8.count <= 256 })
    }
}
