import Foundation
import TestSupport

/// A moment of a measurement of many transfers.
struct TransfersSample: Sendable {
    var at: ContinuousClock.Instant
    var running: Int
    /// Lists of all transfers, since the beginning.
    var lists: Int
    /// Requests to slskd, since the beginning.
    var requests: Int
    var usage: ProcessUsage
}

/// What it costs to follow many transfers.
struct TransfersReport: Codable, Sendable {
    /// Transfers that ran at the end.
    var running: Int
    /// Seconds from the first job to the moment when all ran.
    var secondsToStart: Double
    /// Orders to slskd, for as many transfers.
    var orders: Int
    /// Requests a second while all ran, as the next one.
    var listsPerSecond: Double
    var othersPerSecond: Double
    /// Resident memory of the download service: before the first job, the most while all ran, the most ever, and what of
    /// it at the end no file stands behind. In MB of 1 048 576 bytes.
    var idleMB: Double
    var residentMB: Double
    var mostMB: Double
    var anonymousMB: Double
    /// Of one processor, in percent.
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
        mostMB = Self.megabytes(last.usage.mostResidentBytes)
        anonymousMB = Self.megabytes(last.usage.anonymousBytes)
        cpuPercent = (last.usage.cpuSeconds - first.usage.cpuSeconds) / seconds * 100
    }

    private static func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }

    /// A table for people.
    var table: String {
        let rows: [(String, Double)] = [
            ("transfers at once", Double(running)), ("seconds until all ran", secondsToStart),
            ("orders to slskd", Double(orders)), ("lists a second", listsPerSecond),
            ("other requests a second", othersPerSecond), ("MB before the first", idleMB),
            ("MB while all ran", residentMB), ("MB at most", mostMB), ("MB without a file", anonymousMB),
            ("CPU percent", cpuPercent),
        ]
        return rows.map { name, figure in
            name.padding(toLength: 28, withPad: " ", startingAt: 0) + String(format: "%10.2f", figure)
        }.joined(separator: "\n")
    }
}
