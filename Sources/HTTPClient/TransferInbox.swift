import CCurl
import Foundation
import Synchronization

/// Where an answer goes.
enum TransferSink: Sendable {
    case memory
    case file(String, maxBytes: Int64, progress: (@Sendable (HTTPProgress) -> Void)?)
}

/// A request on its way to the I/O thread, with the continuation that waits for its answer.
struct TransferOrder: Sendable {
    let request: HTTPRequest
    let endpoint: HTTPEndpoint
    let sink: TransferSink
    let cancellation: TransferCancellation
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>
}

/// Says that nobody waits for a transfer any more; may be set before the transfer exists.
final class TransferCancellation: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}

/// The only thing that callers and the I/O thread share.
final class TransferInbox: Sendable {
    /// What the thread has to look after since it last asked.
    struct Work {
        var orders: [TransferOrder] = []
        var hasCancellations = false
        var isClosing = false
    }

    private struct State {
        var work = Work()
        var hasEnded: Bool
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let multi: MultiHandle?
    private let state: Mutex<State>

    init(multi: MultiHandle?) {
        self.multi = multi
        state = Mutex(State(hasEnded: multi == nil))
    }

    func run(_ request: HTTPRequest, into sink: TransferSink) async -> Result<HTTPResponse, HTTPClientError> {
        let endpoint: HTTPEndpoint
        do throws(HTTPClientError) { endpoint = try HTTPEndpoint(url: request.url) } catch { return .failure(error) }
        let cancellation = TransferCancellation()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(
                    TransferOrder(
                        request: request, endpoint: endpoint, sink: sink, cancellation: cancellation,
                        continuation: continuation))
            }
        } onCancel: {
            cancellation.set()
            wake { $0.hasCancellations = true }
        }
    }

    /// Hands the thread what has come in.
    func take() -> Work {
        state.withLock { state in
            defer {
                state.work.orders = []
                state.work.hasCancellations = false
            }
            return state.work
        }
    }

    func close() {
        wake { $0.isClosing = true }
    }

    func closeAndWait() async {
        close()
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.closers.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// The last word of the thread, after its last use of the multi handle.
    func end(_ release: () -> Void) {
        let closers = state.withLock { state in
            state.hasEnded = true
            release()
            return state.closers
        }
        closers.forEach { $0.resume() }
    }

    private func submit(_ order: TransferOrder) {
        let isAccepted = state.withLock { state in
            guard !state.hasEnded, !state.work.isClosing else { return false }
            state.work.orders.append(order)
            // The call that cancelled it may have been looked after before it came in.
            if order.cancellation.isSet { state.work.hasCancellations = true }
            multi?.wake()
            return true
        }
        if !isAccepted { order.continuation.resume(returning: .failure(.closed)) }
    }

    /// Under the lock, because the handle must not be woken while `end` frees it.
    private func wake(_ change: (inout Work) -> Void) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            change(&state.work)
            multi?.wake()
        }
    }
}

/// A libcurl multi handle.
///
/// Unchecked, because a raw pointer is never Sendable: `curl_multi_wakeup` may be called from any thread, everything
/// else is called by the I/O thread alone.
struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    init?(maxConnections: Int) {
        guard Self.isLibraryReady, let pointer = curl_multi_init() else { return nil }
        hdm_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, maxConnections)
        self.pointer = pointer
    }

    func wake() { curl_multi_wakeup(pointer) }

    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
