import Contracts
import Foundation

@testable import AudioSources

/// One schedule: a job whose deliveries run machines against a model of slskd until its candidate ends. It records each
/// broken rule.
struct TransferSimulation {
    private static let mostEvents = 4000
    private static let mostDeliveries = 60
    /// After so many deliveries everything works.
    private static let calmAfter = 25

    private var model: SlskdModel
    /// Everything that can be wrong in the schedule, also before it calmed down.
    private let faults: SlskdModel.Faults
    private var order: TransferOrder
    private var round = 1
    /// Whether the job has the file.
    private var hasFile = false
    /// The last answer about slskd's own state.
    private var condition: SlskdCondition?
    private(set) var problems: [String] = []
    private(set) var ending = ""

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let hasAlternatives = random.chance(0.5)
        order = MachineScript.order { $0.hasAlternatives = hasAlternatives }
        model = SlskdModel(random)
        faults = model.faults
    }

    mutating func run() {
        for delivery in 0..<Self.mostDeliveries {
            if delivery == Self.calmAfter { model.calm() }
            order.round = "\(round)"
            order.earlierRounds = (1...3).map { round - $0 }.filter { $0 > 0 }.map { "\($0)" }
            order.holdEnds = model.instant + .seconds(model.random.seconds(5...200))
            guard deliver() else { return }
        }
        problems.append("the job did not end")
    }

    /// Runs one delivery.
    /// - Returns: Whether the job is delivered again.
    private mutating func deliver() -> Bool {
        var machine = TransferMachine(order, .simulated, now: model.instant, time: model.time)
        condition = nil
        if order.since == nil { order.since = model.time }
        var event = TransferEvent.started
        for _ in 0..<Self.mostEvents {
            let commands = machine.handle(event, at: model.instant)
            for command in commands { check(command) }
            if let result = machine.result {
                if !machine.handle(event, at: model.instant).isEmpty { problems.append("commands after the end") }
                return end(result)
            }
            // The process is killed, or the delivery is lost.
            if model.random.chance(0.005) { return true }
            guard let question = commands.last, question.isQuestion else {
                problems.append("no question in \(machine.state)")
                return false
            }
            event = answer(question)
            if model.running.count > 1 { problems.append("two transfers of the job run") }
        }
        problems.append("the run did not end")
        return false
    }

    // MARK: - Answers

    private mutating func answer(_ question: TransferCommand) -> TransferEvent {
        model.pass(question == .nextUpdate ? model.random.seconds(1...6) : 0.05)
        switch question {
        case .prepare: return .prepared(.success(hasFile ? MachineScript.file : nil))
        case .nextUpdate: return .updated(model.list())
        case .ask(let question): return .fact(question, model.fact(question))
        case .acquireSlot: return model.random.chance(0.9) ? .slot : .noSlot(limit: 2, isOfPeer: true)
        case .order(let identity): return .ordered(model.order(identity))
        case .readRecord(let id): return .record(model.respond { $0.entry(id)?.transfer })
        case .requestPlace: return .placeRequested(true)
        case .checkSlskd: return .checked(checkSlskd())
        case .remove(let id): return .removed(model.remove(id))
        case .findFile(let found, _): return .file(model.respond { $0.entry(found.transfer.id)?.path })
        case .bring(let path, _): return .brought(bring(path))
        case .wait(let time): model.pass(time / .seconds(1))
        default: break
        }
        return .waited
    }

    private mutating func checkSlskd() -> SlskdCondition {
        let now: SlskdCondition = model.isReady ? .ready : model.isUp ? .notLoggedIn : .silent
        condition = now
        return now
    }

    private mutating func bring(_ path: String) -> Result<AcquiredFile, SourceError> {
        guard let index = model.entries.firstIndex(where: { $0.path == path }) else {
            return .failure(SourceError(.gone, "the file is gone"))
        }
        if model.isDiskFull { return .failure(SourceError(.diskFull, "full")) }
        if model.entries[index].isForeign || hasFile { problems.append("a file that is not the job's was moved") }
        model.entries[index].path = nil
        hasFile = true
        return .success(MachineScript.file)
    }
}

// MARK: - Rules

extension TransferSimulation {
    private mutating func check(_ command: TransferCommand) {
        switch command {
        case .remove(let id) where model.entry(id)?.isForeign == true:
            problems.append("a transfer of another client was removed")
        case .clear(let folder) where !folder.hasPrefix("hdm/\(order.job)/"):
            problems.append("\(folder) was removed")
        default: break
        }
    }

    /// Handles the result of a delivery, as the download stage does.
    /// - Returns: Whether the job is delivered again.
    private mutating func end(_ result: Result<TransferResult, SourceError>) -> Bool {
        switch result {
        case .success(.acquired):
            if !hasFile { problems.append("a file that does not exist was acquired") }
            ending = "acquired"
            return false
        case .success(.handedBack): model.pass(4)
        case .success(.pending): model.pass(60)
        case .success(.throttled(_, let wait)): reschedule(after: 15, isLost: wait?.reason != .fileBusy)
        case .success(.sourceUnavailable(_, let isLost)):
            reschedule(after: 30, isLost: isLost)
            if isLost { round += 1 }
        case .failure(let error) where error.code == .diskFull: model.pass(60)
        case .failure(let error):
            fail(error)
            return false
        }
        return true
    }

    private mutating func reschedule(after seconds: Double, isLost: Bool) {
        if isLost { order.since = nil }
        model.pass(seconds)
    }

    private mutating func fail(_ error: SourceError) {
        ending = "failed: \(error.code)"
        if hasFile { problems.append("the candidate failed although the job has its file") }
        let mayBeSlskds = error.code == .timedOut || error.message.contains("the transfer failed")
        if mayBeSlskds, condition != .ready { problems.append("blamed a peer without a check of slskd: \(error)") }
        let isPeers =
            [.refused, .peerAway, .changed, .gone, .timedOut].contains(error.code) && !error.message.contains("queue")
        let isGood = !faults.badPeer && !faults.networkLosses && !faults.removals
        if isPeers, isGood { problems.append("blamed a good peer: \(error)") }
        model.pass(120)
        if !model.running.isEmpty { problems.append("a transfer runs after its candidate failed") }
    }
}

extension SlskdModel {
    func entry(_ id: UUID) -> Entry? { index(of: id).map { entries[$0] } }
}

extension TransferSettings {
    /// Short limits, so that few events reach them.
    fileprivate static var simulated: TransferSettings {
        var settings = TransferSettings()
        (settings.stall, settings.start, settings.placing, settings.absence) = (
            .seconds(15), .seconds(20), .seconds(15), .seconds(12)
        )
        (settings.queue, settings.queueAlone) = (.seconds(60), .seconds(240))
        return settings
    }
}
