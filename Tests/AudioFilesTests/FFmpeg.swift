import Dispatch
import Foundation

/// An independent reader and writer: FFmpeg shares no code with TagLib.
enum FFmpeg {
    struct Failure: Error {
        let arguments: [String]
        let status: Int32
    }

    /// Returns the tags of the container and of its streams, with keys in lower case.
    static func tags(of file: URL) throws -> [String: String] {
        struct Report: Decodable {
            struct Part: Decodable { var tags: [String: String]? }
            var format: Part
            var streams: [Part]
        }
        let output = try run(
            "ffprobe", ["-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", file.filePath])
        let report = try JSONDecoder().decode(Report.self, from: output)
        let parts = report.streams + [report.format]
        return parts.reduce(into: [:]) { tags, part in
            for (key, value) in part.tags ?? [:] { tags[key.lowercased()] = value }
        }
    }

    /// Returns a hash of the decoded samples.
    static func decodedHash(of file: URL) throws -> Data {
        try run("ffmpeg", ["-v", "error", "-xerror", "-i", file.filePath, "-map", "0:a", "-f", "hash", "-"])
    }

    static func convert(_ file: URL, to target: URL, _ options: [String] = []) throws {
        _ = try run("ffmpeg", ["-v", "error", "-i", file.filePath] + options + [target.filePath])
    }

    /// Each process uses one core. More of them would slow down the other tests.
    private static let limit = DispatchSemaphore(value: 2)

    private static func run(_ program: String, _ arguments: [String]) throws -> Data {
        limit.wait()
        defer { limit.signal() }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(arguments: arguments, status: process.terminationStatus)
        }
        return output
    }
}
