import Foundation

/// The resource usage of a running process.
public struct ProcessUsage: Sendable {
    /// The resident memory, including mapped files.
    public let residentBytes: Int
    /// The resident memory without mapped files.
    public let anonymousBytes: Int
    /// The highest resident memory so far.
    public let peakResidentBytes: Int
    /// The CPU time on all processors.
    public let cpuSeconds: Double

    /// Reads the usage of a process; `nil` if it does not exist.
    public init?(of process: Int32) {
        guard let status = Self.text(process, "status"), let statistics = Self.text(process, "stat") else { return nil }
        residentBytes = Self.bytes("VmRSS", status)
        anonymousBytes = Self.bytes("RssAnon", status)
        peakResidentBytes = Self.bytes("VmHWM", status)
        // The fields after the name of the program, which can contain spaces.
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
