import Files
import Foundation
import ServiceKit

/// A readiness check of the music folder: it rarely writes, and then gives a file a name in the same way as moves do.
struct MusicVolumeCheck: Sendable {
    let volume: VolumeCheck

    /// - Parameter interval: how often the check writes without a reason.
    init(folder: URL, every interval: Duration = VolumeCheck.interval) {
        volume = VolumeCheck(folder, every: interval) { folder throws(FileError) in try Self.probe(folder) }
    }

    func run() async -> CheckResult { await volume.run() }

    /// Writes a small file durably, gives it a name without replacing, and removes it. Blocks.
    static func probe(_ folder: String) throws(FileError) {
        let folder = DiskFolder(folder)
        let file = try folder.creatingProbe("draft")
        let target = "\(folder.path)/.hdm-probe-named"
        defer { for path in [file.path, target] { try? OpenFile.remove(path) } }
        // A process that was killed may have left it.
        try OpenFile.remove(target)
        try file.append(Array("hdm".utf8))
        try file.synchronise()
        // The name may be taken by the check of another process, which shows that naming works.
        _ = try file.name(target)
    }
}
