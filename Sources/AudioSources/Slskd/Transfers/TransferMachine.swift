import Contracts

/// The state of one order: finds or starts its transfer at slskd, follows it, and brings the file into the job's folder.
///
/// It does no input or output and reads no clock. ``handle(_:at:)`` receives an event and returns the commands that
/// follow from it; ``TransferRun`` carries them out.
struct TransferMachine: Sendable {
    enum State: Sendable {
        case looking(Looking)
        case waitingForSlot
        case ordering(Ordering)
        case following(Following)
        /// A restart of slskd ended the transfer. slskd resumes it once it is logged in.
        case restarted(Following, since: ContinuousClock.Instant)
        /// The transfer is missing in slskd's lists, and its record is read.
        case vanished(Vanished)
        case collecting(Collecting)
        /// Checks slskd's own state before something else.
        case checking(Check)
        /// Ends a transfer and removes its folder before something else.
        case ending(FoundTransfer, then: Next)
        /// The job has its file; what is left at slskd is removed.
        case closing(AcquiredFile, destination: String?)
        case ended(Result<TransferResult, SourceError>)
    }

    static let maximumOrders = 3

    let order: TransferOrder
    let settings: TransferSettings
    /// The same moment in both clocks: slskd's records and the job's document hold times of day.
    let began: (instant: ContinuousClock.Instant, time: Timestamp)
    var state = State.looking(.starting)
    var facts = TransferFacts()
    /// The number of orders that slskd lost.
    private(set) var number = 0
    /// The identity of the present order.
    private(set) var identity: TransferIdentity
    /// Whether a restart of slskd interrupted one of them.
    var wasCutOff = false
    /// Whether the run has a slot of the limiter.
    var holdsSlot = false

    init(_ order: TransferOrder, _ settings: TransferSettings, now: ContinuousClock.Instant, time: Timestamp) {
        self.order = order
        self.settings = settings
        began = (now, time)
        identity = TransferIdentity(order.candidate, job: order.job, round: order.round)
    }

    var user: String { order.candidate.user ?? "" }

    /// Continues with the next order of the run, which has another identity.
    mutating func countOrder() {
        number += 1
        identity = TransferIdentity(order.candidate, job: order.job, round: order.round, number: number)
    }

    /// The result of the run; `nil` while it continues.
    var result: Result<TransferResult, SourceError>? { if case .ended(let result) = state { result } else { nil } }

    /// Handles an event. An event that does not answer the last question changes nothing.
    mutating func handle(_ event: TransferEvent, at now: ContinuousClock.Instant) -> [TransferCommand] {
        let commands = react(to: event, now)
        guard let holdEnds = order.holdEnds, now >= holdEnds, commands.last?.canBeLeft == true else { return commands }
        return commands.dropLast() + finish(.handedBack)
    }

    private mutating func react(to event: TransferEvent, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        switch state {
        case .looking(let looking): look(looking, event, now)
        case .waitingForSlot: begin(event, now)
        case .ordering(let ordering): enqueue(ordering, event, now)
        case .following(let following): follow(following, restarted: nil, event, now)
        case .restarted(let following, let since): follow(following, restarted: since, event, now)
        case .vanished(let vanished): search(vanished, event, now)
        case .collecting(let collecting): collect(collecting, event, now)
        case .checking(let check): conclude(check, event, now)
        case .ending(let found, let next): end(found, then: next, event, now)
        case .closing(let file, let destination): close(file, destination, event)
        case .ended: []
        }
    }

    mutating func enter(_ next: State, _ commands: TransferCommand...) -> [TransferCommand] {
        state = next
        return commands
    }

    mutating func finish(_ result: TransferResult) -> [TransferCommand] { enter(.ended(.success(result))) }

    mutating func fail(_ error: SourceError) -> [TransferCommand] { enter(.ended(.failure(error))) }

    mutating func finish(unavailable error: SlskdError, isLost: Bool = false) -> [TransferCommand] {
        finish(.sourceUnavailable(SourceError(unavailable: error), isLost: isLost))
    }
}

extension SourceError {
    /// Creates the error of a failure of slskd itself, independent of the candidate.
    init(unavailable error: SlskdError) {
        let code: Code = [.unauthorised, .forbidden].contains(error.meaning) ? .unauthorised : .unavailable
        self.init(code, error.message)
    }
}
