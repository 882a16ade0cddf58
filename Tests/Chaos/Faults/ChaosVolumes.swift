import Foundation
import TestSupport

/// Small file systems in memory that can fill up, become read-only or vanish. Needs the right to mount.
struct ChaosVolumes: Sendable {
    let paths: [Volume: String]

    /// This machine does not permit to mount file systems.
    struct Forbidden: Error, CustomStringConvertible {
        let description: String
    }

    /// Mounts an empty file system at each path.
    static func mount(_ paths: [Volume: String], megabytes: Int) async throws -> ChaosVolumes {
        let volumes = ChaosVolumes(paths: paths)
        do {
            for path in paths.values {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try await run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "hdm-chaos", path)
            }
        } catch let error as ChildProcess.Failure {
            await volumes.unmount()
            throw Forbidden(description: "the volume faults need the right to mount file systems: \(error)")
        }
        return volumes
    }

    /// Unmounts everything, also while files are open.
    func unmount() async {
        for path in paths.values {
            // One for the volume and one for what hides it.
            for _ in 0..<2 { _ = try? await Self.run("umount", "--lazy", path) }
        }
    }

    func begin(_ damage: VolumeDamage, _ volume: Volume) async throws {
        guard let path = paths[volume] else { return }
        switch damage {
        case .full: try fill(path)
        case .readOnly: try await hideByReadOnly(path)
        // What hides the volume is read-only, so that nothing is written that would be lost when the volume returns.
        case .vanished: try await Self.run("mount", "-t", "tmpfs", "-o", "ro,size=64k,mode=555", "hdm-gone", path)
        }
    }

    func end(_ damage: VolumeDamage, _ volume: Volume) async throws {
        guard let path = paths[volume] else { return }
        switch damage {
        case .full: try FileManager.default.removeItem(atPath: path + "/" + Self.filler)
        case .readOnly, .vanished: try await Self.run("umount", "--lazy", path)
        }
    }

    /// Mounts the volume once more, read-only, over itself. The file system itself cannot become read-only while a file is
    /// open for writing, and the services always have such files.
    private func hideByReadOnly(_ path: String) async throws {
        try await Self.run("mount", "--bind", path, path)
        do {
            try await Self.run("mount", "-o", "remount,bind,ro", path)
        } catch {
            try await Self.run("umount", "--lazy", path)
            throw error
        }
    }

    /// Writes a file until no byte is free.
    private func fill(_ path: String) throws {
        let file = path + "/" + Self.filler
        let descriptor = open(file, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(descriptor) }
        var size = 1 << 20
        let block = [UInt8](repeating: 0, count: size)
        while size > 0 {
            let count = write(descriptor, block, size)
            if count <= 0 { size /= 4 }
        }
    }

    @discardableResult
    private static func run(_ command: String, _ arguments: String...) async throws -> String {
        try await ChildProcess.run("/usr/bin/env", [command] + arguments).text
    }

    private static let filler = "hdm-chaos-filler"
}
