import Foundation

/// What a running process uses, as the system tells.
public struct ProcessUsage: Sendable {
    /// Memory that is resident now; a part of it may be the program's own file.
    public let residentBytes: Int
    /// Of the resident memory, what no file stands behind.
    public let anonymousBytes: Int
    /// The most that was resident at any time.
    public let mostResidentBytes: Int
    /// On all processors together.
    public let cpuSeconds: Double

    /// - Returns: `nil` when there is no such process.
    public init?(of process: Int32) {
        guard let status = Self.text(process, "status"), let statistics = Self.text(process, "stat") else { return nil }
        residentBytes = Self.bytes("VmRSS", status)
        anonymousBytes = Self.bytes("RssAnon", status)
        mostResidentBytes = Self.bytes("VmHWM", status)
        // Behind the program's name, which may hold spaces.
        let fields = statistics.drop { $0 != ")" }.split(separator: " ")
        let ticks = fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
        cpuSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func bytes(_ name: String, _ status: String) -> Int {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        let kilobytes = line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) }
        return (kilobytes ?? 0) * 1024
    }

    private static func text(_ process: Int32, _ file: String) -> String? {
        try? String(contentsOfFile: "/proc/\(process)/\(file)", encoding: .utf8)
    }
}
