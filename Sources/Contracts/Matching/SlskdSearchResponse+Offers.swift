extension SlskdSearchResponse {
    /// Returns the peer's audio files as offers of `source`.
    public func offers(source: String = "slskd") -> [OfferedFile] {
        let peer = OfferingPeer(
            hasFreeSlot: hasFreeUploadSlot, queueLength: queueLength, uploadSpeed: uploadSpeed)
        let shared = files.map { ($0, $0.isLocked) } + lockedFiles.map { ($0, true) }
        return shared.compactMap { file, isLocked in
            file.offer(source).map { offer in
                var offer = offer
                offer.user = username
                offer.peer = peer
                offer.isLocked = isLocked
                return offer
            }
        }
    }
}

extension SlskdSearchFile {
    /// The file as an offer; `nil` if its name is not that of an audio file. slskd's field `extension` is often empty.
    fileprivate func offer(_ source: String) -> OfferedFile? {
        guard (1...Limits.bytes).contains(size), AudioFileExtension(path: filename) != nil else { return nil }
        var offer = OfferedFile(source: source, path: filename, size: size)
        // Larger values overflow in sums, and no recording is that long.
        offer.durationMS = Self.known(length).flatMap { $0 < 1_000_000 ? $0 * 1000 : nil }
        offer.bitrateKbps = Self.known(bitRate)
        offer.isVariableBitrate = isVariableBitRate
        offer.bitDepth = Self.known(bitDepth)
        offer.sampleRate = Self.known(sampleRate)
        return offer
    }

    /// Clients send 0 for an attribute that is unknown.
    private static func known(_ number: Int?) -> Int? { number.flatMap { (1...Limits.number).contains($0) ? $0 : nil } }
}
