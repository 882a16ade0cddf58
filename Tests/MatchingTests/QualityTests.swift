import Contracts
import Matching
import Testing

@Suite struct `Choosing among copies` {
    private let path = "x/The Copper Foxes - Paper Lighthouse"

    private func first(_ offers: [OfferedFile], _ profile: MatchProfile = MatchProfile()) -> OfferedFile? {
        Matcher(profile: profile).judge(wanted: track(), offers: offers).ranked.first?.offer
    }

    @Test func `the preferred quality comes first, whatever the peer`() {
        var lossless = offer("\(path).flac", user: "slow")
        lossless.peer = OfferingPeer(hasFreeSlot: false, queueLength: 900, uploadSpeed: 1)
        var lossy = offer("\(path).mp3", kbps: 320, user: "fast")
        lossy.peer = OfferingPeer(hasFreeSlot: true, queueLength: 0, uploadSpeed: 9_000_000)
        #expect(first([lossy, lossless]) == lossless)
        var profile = MatchProfile()
        profile.qualities = [.lossyNearTransparent, .lossless16]
        #expect(first([lossy, lossless], profile) == lossy)
        profile.qualities = [.lossyNearTransparent]
        #expect(Matcher(profile: profile).judge(wanted: track(), offers: [lossless]).outcome == .reject)
    }

    @Test func `within a quality, peers decide by slot, then queue, then speed`() {
        let peers = [(true, 0, 2_500_000), (true, 0, 600_000), (true, 5, 9_000_000), (false, 0, 9_000_000)]
        let offers = peers.enumerated().map { index, peer in
            var file = offer("\(path).flac", user: "user\(index)")
            file.peer = OfferingPeer(hasFreeSlot: peer.0, queueLength: peer.1, uploadSpeed: Int64(peer.2))
            return file
        }
        let ranked = Matcher().judge(wanted: track(), offers: offers.reversed()).ranked
        #expect(ranked.map(\.offer.user) == ["user0", "user1", "user2", "user3"])
    }

    @Test func `quality does not compensate for identity`() {
        let doubtful = offer("x/Paper Lighthouse.flac")
        let sure = offer("\(path).mp3", kbps: 192)
        #expect(first([doubtful, sure]) == sure)
    }

    @Test(arguments: ["jpg", "lrc", "cue", "mkv", "log", "flac.md5", "", "exe"])
    func `a file that is not audio is refused`(type: String) {
        #expect(verdict("\(path).\(type)") == .reject)
    }

    @Test func `files with inconsistent attributes are refused`() {
        let fakes = [
            offer("\(path).mp3", kbps: 320, size: 128 * 125 * 240), offer("\(path).flac", size: 0),
            offer("\(path).flac", size: 200 * 125 * 240), offer("\(path).flac", size: 3_000 * 125 * 240),
            offer("\(path).mp3", kbps: 128), offer("\(path).mp3", kbps: 320, size: .max),
        ]
        for fake in fakes { #expect(Matcher().judge(wanted: track(), offers: [fake]).outcome == .reject) }
    }

    @Test(arguments: ["mp3", "flac", "m4a", "ogg"])
    func `a text that is called music is refused, also without any attributes or wanted duration`(type: String) {
        for size in [1200, 19_000, 60_000, 150_000] as [Int64] {
            var file = OfferedFile(
                source: "slskd", path: "The Copper Foxes/Salt and Static/04 Paper Lighthouse.\(type)", size: size)
            file.user = "someone"
            var wanted = track()
            #expect(Matcher().judge(wanted: wanted, offers: [file]).outcome == .reject)
            wanted.durationMS = nil
            #expect(Matcher().judge(wanted: wanted, offers: [file]).outcome == .reject)
        }
    }

    @Test func `the exact name and album come before another spelling or edition of the same quality`() {
        let exact = offer("The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac", user: "slow")
        let others = [
            "The Copper Foxes/Salt and Static (2011 Remaster)/04 Paper Lighthouse.flac",
            "The Copper Foxes/Salt and Static (Deluxe Edition)/04 Paper Lighthouse (2011 Remaster).flac",
            "Harbour Hits/07 The Copper Foxes - Paper Lighthouse.flac",
            "The Copper Foxes/Salt and Static/04 Paper Lighthuose.flac",
        ]
        var slow = exact
        slow.peer = OfferingPeer(hasFreeSlot: true, queueLength: 0, uploadSpeed: 600_000)
        for path in others {
            var other = offer(path, user: "fast")
            other.peer = OfferingPeer(hasFreeSlot: true, queueLength: 0, uploadSpeed: 9_000_000)
            #expect(first([other, slow]) == slow, "\(path)")
        }
    }

    @Test func `the attributes of trusted sources are not checked`() {
        var profile = MatchProfile()
        profile.trustedSources = ["folder"]
        var own = offer("\(path).mp3", kbps: 128)
        #expect(Matcher(profile: profile).judge(wanted: track(), offers: [own]).outcome == .reject)
        own.source = "folder"
        #expect(Matcher(profile: profile).judge(wanted: track(), offers: [own]).outcome == .accept)
    }

    @Test func `a present file is replaced by a preferred quality, up to the limit of the profile`() {
        var profile = MatchProfile()
        #expect(profile.isUpgrade(.lossless16, over: .lossyFair))
        #expect(profile.isUpgrade(.lossyNearTransparent, over: .variableHigh))
        #expect(!profile.isUpgrade(.lossyFair, over: .lossyFair))
        #expect(!profile.isUpgrade(.lossyFair, over: .lossless24))
        profile.qualities = [.lossless24, .lossless16, .lossyNearTransparent]
        #expect(!profile.isUpgrade(.lossless24, over: .lossless16))
        #expect(!profile.isUpgrade(.lossyFair, over: .lossyHigh))
        profile.upgradeUntil = nil
        #expect(profile.isUpgrade(.lossless24, over: .lossless16))
        // A quality that the profile excludes is replaced by any accepted one.
        #expect(profile.isUpgrade(.lossyNearTransparent, over: .lossyHigh))
    }

    @Test func `a locked file is refused, with the reason`() {
        var file = offer("\(path).flac")
        file.isLocked = true
        let decision = Matcher().judge(wanted: track(), offers: [file])
        #expect(decision.outcome == .reject)
        #expect(decision.ranked.first?.vetoes.map(\.kind) == [.locked])
    }
}
