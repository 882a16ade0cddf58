import Foundation

/// What a run of an order observed: the answer to the last question of a ``TransferMachine``.
enum TransferEvent: Sendable, Equatable {
    case started
    /// The job's folder is ready. Holds the file of an earlier run, if there is one.
    case prepared(Result<AcquiredFile?, SourceError>)
    case updated(DownloadsPoller.Update)
    case fact(TransferQuestion, Result<TransferFact, SlskdError>)
    case slot
    /// No slot became free in time.
    case noSlot(limit: Int, isOfPeer: Bool)
    case ordered(Result<SlskdEnqueued, SlskdError>)
    case record(Result<SlskdTransfer?, SlskdError>)
    /// Whether the place in a queue was requested.
    case placeRequested(Bool)
    case checked(SlskdCondition)
    /// Whether a transfer is no longer in slskd's lists.
    case removed(Result<Bool, SlskdError>)
    /// The local path of a transfer's file; `nil` when there is none yet.
    case file(Result<String?, SlskdError>)
    case brought(Result<AcquiredFile, SourceError>)
    case waited
}

/// Whether slskd can transfer files now.
enum SlskdCondition: Sendable, Equatable { case ready, notLoggedIn, silent }

/// What the driver of a ``TransferMachine`` does next.
///
/// The last command of a list is a question, which has one event as its answer, unless the run has ended.
enum TransferCommand: Sendable, Equatable {
    // MARK: Questions

    /// Creates the job's folder and finds the file of an earlier run.
    case prepare(TransferIdentity)
    /// Waits for the next poll of slskd's list.
    case nextUpdate
    case ask(TransferQuestion)
    case acquireSlot(within: Duration)
    case order(TransferIdentity)
    /// Reads the record of a transfer, also of a removed one.
    case readRecord(UUID)
    /// Requests the place in a queue from the peer, unless such requests are too frequent.
    case requestPlace(UUID)
    case checkSlskd
    /// Cancels a transfer and removes it from slskd's lists.
    case remove(UUID)
    /// Finds a transfer's file, in its own folder or also by slskd's events.
    case findFile(FoundTransfer, usesEvents: Bool)
    /// Brings a file into the job's folder.
    case bring(String, TransferIdentity)
    case wait(Duration)

    // MARK: Statements

    case subscribe
    case report(TransferStep)
    /// Records which transfer is followed from now on; `nil` for none.
    case follow(FoundTransfer?)
    case forceSlot
    case releaseSlot
    /// Removes a transfer's own folder.
    case clear(String)
    case log(TransferNote)

    var isQuestion: Bool {
        switch self {
        case .subscribe, .report, .follow, .forceSlot, .releaseSlot, .clear, .log: false
        default: true
        }
    }

    /// Whether the run can end before this command, because another run of the order can do it later.
    var canBeLeft: Bool {
        switch self {
        case .nextUpdate, .acquireSlot, .order, .wait: true
        default: false
        }
    }
}

/// A line of the log.
enum TransferNote: Sendable, Equatable {
    case lost(String)
    case cannotRemove
    case staysListed(String)
}
