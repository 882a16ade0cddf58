import AudioFiles
import Contracts

extension SlskdResponse {
    /// The peer's audio files as offers.
    var offers: [OfferedFile] {
        let peer = OfferingPeer(
            hasFreeSlot: hasFreeUploadSlot, queueLength: queueLength, uploadSpeed: uploadSpeed)
        let open = files.compactMap { $0.offer(of: username, peer, isLocked: false) }
        return open + lockedFiles.compactMap { $0.offer(of: username, peer, isLocked: true) }
    }
}

extension SlskdFile {
    /// `nil` for what is no audio file by its name. What the peer says of its extension is often empty.
    fileprivate func offer(of user: String, _ peer: OfferingPeer, isLocked: Bool) -> OfferedFile? {
        guard size > 0, let fileExtension, Self.extensions.contains(fileExtension) else { return nil }
        var offer = OfferedFile(source: SlskdSource.sourceName, path: filename, size: size)
        offer.user = user
        offer.durationMS = Self.telling(length).flatMap { $0 < 1_000_000 ? $0 * 1000 : nil }
        offer.bitrateKbps = Self.telling(bitRate)
        offer.isVariableBitrate = isVariableBitRate
        offer.bitDepth = Self.telling(bitDepth)
        offer.sampleRate = Self.telling(sampleRate)
        offer.isLocked = isLocked
        offer.peer = peer
        return offer
    }

    /// Without those of videos and spoken books.
    private static let extensions = AudioFormat.allFileExtensions.subtracting(["mp4", "m4b"])

    private var fileExtension: String? {
        let name = filename.utf8.split { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "/") }.last
        guard let name, let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        return String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
    }

    /// Zero stands for unknown.
    private static func telling(_ number: Int?) -> Int? { number.flatMap { $0 > 0 ? $0 : nil } }
}
