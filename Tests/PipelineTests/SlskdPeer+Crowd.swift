import Contracts
import Fakes
import Foundation
import TestSupport

// Peers of whom some misbehave.
extension SlskdPeer {
    /// Seven peers that work, and eight faster ones that misbehave.
    static func mixedCrowd(_ files: [SlskdSharedFile]) throws -> [SlskdPeer] {
        let reliable = (1...7).map { number in
            var peer = SlskdPeer("reliable \(number)", files: files)
            (peer.speed, peer.uploadSlots) = (Int64(number) * 200_000, 10)
            return peer
        }
        let noise = try (0..<2).map { try files.sendingOther($0) }
        let others = [
            SlskdPeer("gone_fishing", files: files, behaviour: .offline),
            SlskdPeer("long_queue", files: files, behaviour: .neverStarts(place: 731)),
            SlskdPeer("slow_line", files: files, behaviour: .stalls(afterBytes: 4096)),
            SlskdPeer("banned/you", files: files, behaviour: .rejects("Banned")),
            SlskdPeer("scratched", files: files, behaviour: .corrupts),
            SlskdPeer("left_early", files: files, behaviour: .disappears(afterBytes: 4096)),
            SlskdPeer("something else", files: noise[0] + noise[1]),
            SlskdPeer("hostile", files: files.underHostilePaths()),
        ]
        return reliable
            + others.map { peer in
                var peer = peer
                (peer.speed, peer.uploadSlots) = (5_000_000, 20)
                return peer
            }
    }

    /// Returns the peer without these files, except the mislabelled ones.
    func without(_ unlucky: ArraySlice<SlskdSharedFile>) -> SlskdPeer {
        var peer = self
        let isMislabelled = behaviour == .corrupts
        let names = Set(unlucky.map(\.name))
        peer.files.removeAll { file in !isMislabelled && file.behaviour == nil && names.contains(file.name) }
        return peer
    }
}

extension SlskdSharedFile {
    fileprivate var name: String { path.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? path }
}

extension [SlskdSharedFile] {
    /// Returns every second file with another content: another recording of eighteen seconds, or text.
    fileprivate func sendingOther(_ rest: Int) throws -> [SlskdSharedFile] {
        let content: SlskdContent = .bytes(
            rest == 0 ? .otherRecording : Data(repeating: UInt8(ascii: "x"), count: 150_000))
        return try enumerated().filter { $0.offset % 2 == rest }.map { try $0.element.sending(content) }
    }

    /// Returns each file under a path that tries to leave its folder or to corrupt a log.
    fileprivate func underHostilePaths() -> [SlskdSharedFile] {
        enumerated().map { index, file in
            let paths = file.underHostilePaths()
            return paths[index % paths.count]
        }
    }
}

extension Data {
    /// Eighteen seconds of silence as WAVE: 8000 samples of eight bits a second.
    fileprivate static var otherRecording: Data {
        func number(_ value: UInt32, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(value >> (8 * UInt32($0)) & 0xFF) }
        }
        let count: UInt32 = 18 * 8000
        let format =
            number(16, 4) + number(1, 2) + number(1, 2) + number(8000, 4) + number(8000, 4) + number(1, 2)
            + number(8, 2)
        let head = Array("RIFF".utf8) + number(36 + count, 4) + Array("WAVEfmt ".utf8) + format + Array("data".utf8)
        return Data(head + number(count, 4)) + Data(repeating: 0x80, count: Int(count))
    }
}
