import ArgumentParser
import Contracts
import Fakes
import Foundation
import ServiceKit
import TestSupport

/// Measures a real download service that follows many transfers at the same time, with a private broker and a fake slskd.
struct TransfersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfers",
        abstract: "Requests, memory and CPU of a download service that follows many transfers.",
        discussion: "Runs the program hdm from the same folder. The fake slskd has an open file for each transfer.")

    @Option(help: "The number of transfers at the same time.")
    var count = 1000

    @Option(help: "The seconds of the measurement, which starts when all transfers run.")
    var seconds = 20

    @Option(help: "A file to which the figures are written as JSON as well.")
    var json: String?

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count must lie between 1 and 1000") }
        guard seconds > 0 else { throw ValidationError("--seconds must be greater than 0") }
    }

    func run() async throws {
        try OpenFiles.allow(count + 200)
        let load = ManyTransfers(count)
        let report = try await PrivateBroker.run { broker in
            try await withTemporaryFolder { folder in
                let settings = load.fakeSettings(in: folder.url)
                return try await FakeSlskd.running(settings, peers: load.peers) { fake in
                    let settings = load.serviceSettings(fake)
                    return try await ServiceStack.run(brokerURL: broker.url, settings: settings) { stack in
                        try await measure(load, broker, fake, stack)
                    }
                }
            }
        }
        StandardOutput.write(report.table)
        if let json { try ContractCoding.encode(report, sorted: true).write(to: URL(filePath: json)) }
    }

    private func measure(
        _ load: ManyTransfers, _ broker: PrivateBroker, _ fake: FakeSlskd, _ stack: ServiceStack
    ) async throws -> TransfersReport {
        try await stack.start([.download])
        try await stack.waitUntilReady([.download])
        let idle = await stack.usage(of: .download)
        let began = ContinuousClock.now
        try await load.publish(to: broker.url)
        try await eventually("\(count) transfers run", timeout: .seconds(300)) { fake.running == count }
        let start = began.duration(to: .now)
        let first = try await sample(fake, stack)
        var largest = first.usage.residentBytes
        for second in 1...seconds {
            try await ContinuousClock().sleep(until: first.at + .seconds(second))
            largest = max(largest, try await sample(fake, stack).usage.residentBytes)
        }
        let last = try await sample(fake, stack)
        return TransfersReport(
            idle: idle?.residentBytes ?? 0, start: start, first: first, last: last, largest: largest,
            orders: fake.log.requests(to: .enqueueBatch).count)
    }

    private func sample(_ fake: FakeSlskd, _ stack: ServiceStack) async throws -> TransfersSample {
        guard let usage = await stack.usage(of: .download) else {
            throw ValidationError("the download service has ended; see its log")
        }
        let requests = fake.log.requests
        return TransfersSample(
            at: .now, running: fake.running, lists: requests.count { $0.route == .listTransfers },
            requests: requests.count, usage: usage)
    }
}

/// The limit of open files of this process.
private enum OpenFiles {
    /// Raises the limit.
    /// - Throws: `ValidationError` when the system does not allow it.
    static func allow(_ count: Int) throws {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < count else { return }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        guard limit.rlim_cur >= count, setrlimit(kind, &limit) == 0 else {
            throw ValidationError("the process needs \(count) open files; raise the limit with ulimit -n \(count)")
        }
    }
}
