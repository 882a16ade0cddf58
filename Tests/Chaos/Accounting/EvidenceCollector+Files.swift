import AudioFiles
import Fakes
import Foundation
import GRDB

extension EvidenceCollector {
    func audit() throws -> [Evidence.AuditRow] {
        try rows("library.db", "SELECT action, job_id, to_path FROM audit ORDER BY id") {
            Evidence.AuditRow(action: $0["action"], job: $0["job_id"], path: $0["to_path"])
        }
    }

    func reservations() throws -> [Evidence.Reservation] {
        try rows("idempotency.db", "SELECT key, job_id, status FROM reservations ORDER BY key") {
            Evidence.Reservation(key: $0["key"], job: $0["job_id"], status: $0["status"])
        }
    }

    private func rows<Value>(_ file: String, _ sql: String, _ value: (Row) throws -> Value) throws -> [Value] {
        let queue = try DatabaseQueue(path: ground.stack.folder.path("state/" + file))
        defer { try? queue.close() }
        return try queue.read { try Row.fetchAll($0, sql: sql).map(value) }
    }

    func library() throws -> [Evidence.File] {
        let whole = try AudioDigest.compute(at: AudioFixture.flac.url.path(percentEncoded: false))
        return try Self.files(below: ground.stack.music).filter { !$0.hasPrefix(".") }.map { path in
            let file = ground.stack.music.appending(path: path)
            let digest = try? AudioDigest.compute(at: file.path(percentEncoded: false))
            return Evidence.File(path: path, track: try ContentMark.read(file), isWhole: digest == whole)
        }
    }

    /// Work folders of jobs, and files of the library that are not in their place.
    func leftovers() -> [String] {
        let downloads = Self.files(below: ground.stack.downloads).filter { path in
            path.hasPrefix("jobs/") || path.hasPrefix(".harmony/jobs/") || path.hasSuffix(".partial")
        }
        let music = Self.files(below: ground.stack.music).filter { path in
            path.contains(".partial") || path.split(separator: "/").contains { $0.hasPrefix(".hdm-tmp") }
        }
        return downloads.map { "downloads: \($0)" } + music.map { "music: \($0)" }
    }

    /// The paths of all regular files below a folder, relative to it.
    private static func files(below folder: URL) -> [String] {
        let base = folder.standardizedFileURL.path + "/"
        guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        return walk.compactMap { $0 as? URL }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false }
            .map { String($0.standardizedFileURL.path.dropFirst(base.count)) }.sorted()
    }
}
