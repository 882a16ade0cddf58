import Foundation
import TestSupport

/// The counters at one time of the measurement.
struct TransfersSample: Sendable {
    var at: ContinuousClock.Instant
    var running: Int
    /// Requests for the list of all transfers so far.
    var lists: Int
    /// Requests to slskd so far.
    var requests: Int
    var usage: ProcessUsage
}

/// The costs of following many transfers.
struct TransfersReport: Codable, Sendable {
    /// Running transfers at the end.
    var running: Int
    /// Seconds from the first job until all transfers ran.
    var secondsToStart: Double
    /// Requests to slskd that start transfers.
    var orders: Int
    /// Requests a second while all transfers ran, for lists and for the rest.
    var listsPerSecond: Double
    var othersPerSecond: Double
    /// Resident memory of the download service in MB of 1 048 576 bytes: before the first job, the peak while all
    /// transfers ran, the peak of the whole run, and the anonymous memory at the end.
    var idleMB: Double
    var residentMB: Double
    var mostMB: Double
    var anonymousMB: Double
    /// In percent of one core.
    var cpuPercent: Double

    init(
        idle: Int, start: Duration, first: TransfersSample, last: TransfersSample, largest: Int, orders: Int
    ) {
        let seconds = first.at.duration(to: last.at) / .seconds(1)
        let lists = last.lists - first.lists
        running = last.running
        secondsToStart = start / .seconds(1)
        self.orders = orders
        listsPerSecond = Double(lists) / seconds
        othersPerSecond = Double(last.requests - first.requests - lists) / seconds
        idleMB = Self.megabytes(idle)
        residentMB = Self.megabytes(largest)
        mostMB = Self.megabytes(last.usage.peakResidentBytes)
        anonymousMB = Self.megabytes(last.usage.anonymousBytes)
        cpuPercent = (last.usage.cpuSeconds - first.usage.cpuSeconds) / seconds * 100
    }

    private static func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }

    /// A table for people.
    var table: String {
        let rows: [(String, Double)] = [
            ("running transfers", Double(running)), ("seconds until all ran", secondsToStart),
            ("start requests to slskd", Double(orders)), ("lists a second", listsPerSecond),
            ("other requests a second", othersPerSecond), ("MB before the first", idleMB),
            ("MB while all ran", residentMB), ("MB peak", mostMB), ("MB anonymous", anonymousMB),
            ("CPU percent", cpuPercent),
        ]
        return rows.map { name, figure in
            name.padding(toLength: 28, withPad: " ", startingAt: 0) + String(format: "%10.2f", figure)
        }.joined(separator: "\n")
    }
}
