import Files
import Foundation

/// The folders of the fake. File operations run on threads that may block.
struct SlskdDisk: Sendable {
    private static let pool = BlockingPool(name: "fake-slskd", threads: 8)

    let downloads: URL
    let incomplete: URL

    func prepare() async throws {
        try await onThread {
            for folder in [downloads, incomplete] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
        }
    }

    /// Returns the size of a file in bytes; 0 if it does not exist.
    func size(of file: URL) async throws -> Int64 {
        try await onThread { (try? SlskdContent.file(file).size()) ?? 0 }
    }

    /// Opens a file for writing, emptied or at its end.
    func open(_ file: URL, appends: Bool) async throws -> FileHandle {
        try await onThread {
            let folder = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let path = file.path(percentEncoded: false)
            if !appends || !FileManager.default.fileExists(atPath: path) {
                try Data().write(to: file)
            }
            let handle = try FileHandle(forWritingTo: file)
            try handle.seekToEnd()
            return handle
        }
    }

    /// Appends bytes of a content to a file.
    func copy(
        _ content: SlskdContent, from offset: Int64, count: Int, to handle: FileHandle,
        changing: @escaping @Sendable (Data) -> Data
    ) async throws {
        try await onThread { try handle.write(contentsOf: changing(content.read(from: offset, count: count))) }
    }

    /// Moves a finished file to its folder under a free name, and removes its old folder if it is empty.
    func move(_ file: URL, to folder: URL) async throws -> URL {
        try await onThread {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let target = Self.free(file.lastPathComponent, in: folder)
            try FileManager.default.moveItem(at: file, to: target)
            let old = file.deletingLastPathComponent()
            if try FileManager.default.contentsOfDirectory(atPath: old.path(percentEncoded: false)).isEmpty {
                try FileManager.default.removeItem(at: old)
            }
            return target
        }
    }

    func remove(_ file: URL) async throws {
        try await onThread { try FileManager.default.removeItem(at: file) }
    }

    func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await Self.pool.run(body)
    }

    /// Returns a free name: `name.ext`, or `name_<18 digits>.ext`.
    private static func free(_ name: String, in folder: URL) -> URL {
        let dot = name.unicodeScalars.lastIndex(of: ".") ?? name.unicodeScalars.endIndex
        let (stem, ending) = (name.unicodeScalars[..<dot], name.unicodeScalars[dot...])
        var target = SlskdDisk.file(name, in: folder)
        while FileManager.default.fileExists(atPath: target.path(percentEncoded: false)) {
            target = SlskdDisk.file("\(String(stem))_\(SlskdTime.ticks(Date()))\(String(ending))", in: folder)
        }
        return target
    }

    /// Returns the file with a name, which can contain any characters.
    static func file(_ name: String, in folder: URL) -> URL {
        let path = folder.path(percentEncoded: false)
        return URL(filePath: path.hasSuffix("/") ? path + name : "\(path)/\(name)", directoryHint: .notDirectory)
    }
}
