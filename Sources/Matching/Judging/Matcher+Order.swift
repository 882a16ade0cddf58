import Contracts

// The order of judged offers.
extension Matcher {
    /// The sort key. Certain offers come before less certain ones, whatever their quality.
    private struct Key {
        let rank: Int
        let preference: Int
        /// Is equal for the files of a folder; 0 if the album does not matter.
        let folder: UInt64
        let score: Double
        /// A value that does not depend on the order of the offers.
        let tie: UInt64
        let index: Int

        func precedes(_ other: Key) -> Bool? {
            if rank != other.rank { return rank < other.rank }
            if preference != other.preference { return preference < other.preference }
            if folder != other.folder { return folder < other.folder }
            if score != other.score { return score > other.score }
            return tie == other.tie ? nil : tie < other.tie
        }
    }

    /// Ranks the offers. Small keys are sorted instead of the offers, which is faster.
    /// - Parameter album: `nil` if no other tracks of the album are wanted.
    func ranked(_ judged: [JudgedOffer], _ album: AlbumFolders?) -> [JudgedOffer] {
        var album = album
        let keys = judged.enumerated().map { index, offer in
            let place = offer.outcome == .accept ? album?.place(of: offer.offer) : nil
            return Key(
                rank: rank(offer), preference: preference(offer, missing: place?.missing), folder: place?.folder ?? 0,
                score: offer.score, tie: Self.tie(offer.offer), index: index)
        }
        return keys.sorted { a, b in
            if let precedes = a.precedes(b) { return precedes }
            let (x, y) = (judged[a.index].offer, judged[b.index].offer)
            return (x.user ?? "", x.path, x.size) < (y.user ?? "", y.path, y.size)
        }.map { judged[$0.index] }
    }

    private static func tie(_ offer: OfferedFile) -> UInt64 {
        var path = offer.path
        var user = offer.user ?? ""
        let hash = path.withUTF8 { ByteHash.of($0, UInt64(bitPattern: offer.size)) }
        return user.withUTF8 { ByteHash.of($0, hash) }
    }

    private func rank(_ judged: JudgedOffer) -> Int {
        if judged.isApproved { return -1 }
        return switch judged.outcome {
        case .accept: judged.evidence.isCertain ? 0 : 1
        case .review: 2
        case .reject: 3
        }
    }

    /// Returns the preference; lower is better. Quality comes first, then the peer's queue, then the edition, then the
    /// peer's speed. Offers that are not accepted have equal preference, because a possibly wrong recording is not better
    /// for being lossless.
    ///
    /// For a track of a wanted album the edition comes first, then quality, then how much of the album the folder lacks.
    private func preference(_ judged: JudgedOffer, missing: Int?) -> Int {
        guard judged.outcome == .accept else { return 0 }
        let quality = judged.quality.flatMap(profile.qualities.firstIndex) ?? profile.qualities.count
        let otherTitle = judged.evidence.title == 1 ? 0 : 6
        let otherEdition = judged.evidence.isWantedEdition ? 0 : 1
        guard let missing else {
            // A fast peer does not make up for another edition; a wait in a queue can.
            return quality * 1000 + wait(judged.offer.peer) + otherTitle + otherEdition * 3
                + slowness(judged.offer.peer)
        }
        let folder = (otherEdition * 100 + quality) * 1000 + min(missing, 999)
        return folder * 1000 + wait(judged.offer.peer) + slowness(judged.offer.peer)
    }

    /// Returns 0 for a peer with a free slot and no queue, up to 800.
    private func wait(_ peer: OfferingPeer?) -> Int {
        guard let peer else { return 0 }
        let queue = [0, 10, 50].firstIndex { peer.queueLength <= $0 } ?? 3
        return (peer.hasFreeSlot ? 0 : 500) + queue * 100
    }

    /// Returns 0 for a fast peer, up to 2.
    private func slowness(_ peer: OfferingPeer?) -> Int {
        guard let peer else { return 0 }
        return [2_000_000, 500_000].firstIndex { peer.uploadSpeed >= $0 } ?? 2
    }
}
