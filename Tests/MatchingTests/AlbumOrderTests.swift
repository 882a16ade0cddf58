import Contracts
import Foundation
import Matching
import Testing

@Suite struct `Tracks of a wanted album` {
    private let folder = #"music\The Copper Foxes\Harbour Lights\"#

    /// Ten tracks of one folder, of which only one is wanted.
    private func album(_ folder: String, user: String, tracks: Int = 10, speed: Int64 = 1_000_000) -> [OfferedFile] {
        (1...tracks).map { number in
            let name = number == 4 ? "Paper Lighthouse" : "Other Song \(number)"
            var file = offer(#"\#(folder)\#(number) - \#(name).flac"#, user: user)
            file.peer = OfferingPeer(hasFreeSlot: true, queueLength: 0, uploadSpeed: speed)
            return file
        }
    }

    private func wanted() -> Track {
        var wanted = track()
        (wanted.album, wanted.trackNumber, wanted.trackTotal) = ("Harbour Lights", 4, 10)
        return wanted
    }

    private func users(_ offers: [OfferedFile], albumTracks: Int? = 10) -> [String?] {
        let decision = Matcher().judge(wanted: wanted(), offers: offers, albumTracks: albumTracks)
        return decision.ranked.filter { $0.outcome == .accept }.map(\.offer.user)
    }

    @Test func `a folder with the whole album precedes a faster peer with a part of it`() {
        let offers = album(folder, user: "part", tracks: 5, speed: 9_000_000) + album(folder, user: "whole")
        #expect(users(offers) == ["whole", "part"])
        #expect(users(offers, albumTracks: nil) == ["part", "whole"])
    }

    @Test func `the wanted edition precedes better audio of another`() {
        var offers = album(#"music\The Copper Foxes\Harbour Lights (Deluxe Edition)\"#, user: "deluxe")
        offers += album(folder, user: "exact").map { file in
            var file = file
            file.path = file.path.replacing(".flac", with: ".mp3")
            (file.size, file.bitrateKbps) = (9_440_000, 320)
            return file
        }
        #expect(users(offers).first == "exact")
        #expect(users(offers, albumTracks: nil).first == "deluxe")
    }

    @Test func `the discs of an album count as one folder`() {
        let discs = [1, 2].flatMap { disc in
            album(folder + #"CD \#(disc)\"#, user: "discs", tracks: 5).map { file in
                var file = file
                if disc == 2 { file.path = file.path.replacing("Paper Lighthouse", with: "Other Song") }
                return file
            }
        }
        #expect(users(album(folder, user: "part", tracks: 7, speed: 9_000_000) + discs) == ["discs", "part"])
    }

    @Test func `among equal folders all tracks choose the same one`() {
        let offers = ["a", "b", "c", "d"].flatMap { album(#"\#($0)\The Copper Foxes\Harbour Lights\"#, user: $0) }
        let first = users(offers).first
        for number in [2, 7, 9] {
            var other = wanted()
            (other.title, other.trackNumber) = ("Other Song \(number)", number)
            let decision = Matcher().judge(wanted: other, offers: offers.shuffled(), albumTracks: 10)
            #expect(decision.outcome == .accept)
            #expect(decision.ranked.first?.offer.user == first)
        }
    }

    @Test func `the album is searched for first, with the same words for every track`() {
        var guest = wanted()
        guest.albumArtist = guest.artist
        guest.artist = "Velvet Pines"
        for track in [wanted(), guest] {
            let first = QueryPlan(track, isOfAlbum: true).queries.first
            #expect(first?.variant == .album)
            #expect(first?.text == "the copper foxes harbour lights")
        }
        guest.albumArtist = "Various Artists"
        #expect(QueryPlan(guest, isOfAlbum: true).queries.first?.text == "harbour lights")
        #expect(QueryPlan(wanted()).queries.first?.variant == .full)
    }
}
