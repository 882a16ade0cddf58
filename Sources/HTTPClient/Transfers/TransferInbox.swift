import CCurl
import Foundation
import Synchronization

/// A request for the I/O thread and the continuation that waits for its response.
struct TransferOrder: Sendable {
    let request: HTTPRequest
    let endpoint: HTTPEndpoint
    let cancellation: TransferCancellation
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>
}

/// A flag that the caller of a transfer was cancelled. It can be set before the transfer exists.
final class TransferCancellation: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}

/// A queue of orders and cancellations from callers to the I/O thread. They share no other state.
final class TransferInbox: Sendable {
    /// The changes since the I/O thread removed work the last time.
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

    func run(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPClientError> {
        let endpoint: HTTPEndpoint
        do throws(HTTPClientError) { endpoint = try HTTPEndpoint(url: request.url) } catch { return .failure(error) }
        let cancellation = TransferCancellation()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(
                    TransferOrder(
                        request: request, endpoint: endpoint, cancellation: cancellation,
                        continuation: continuation))
            }
        } onCancel: {
            cancellation.set()
            wake { $0.hasCancellations = true }
        }
    }

    /// Removes and returns the queued work. `isClosing` stays set.
    func removeWork() -> Work {
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

    /// Records the end of the I/O thread, after its last use of the multi handle.
    /// - Parameter release: Frees the multi handle.
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
            // The I/O thread may have handled the cancellation before the order was queued.
            if order.cancellation.isSet { state.work.hasCancellations = true }
            multi?.wake()
            return true
        }
        if !isAccepted { order.continuation.resume(returning: .failure(.closed)) }
    }

    /// Changes the work and wakes the I/O thread. Under the lock, because `end` frees the handle.
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
/// Unchecked, because a raw pointer is not Sendable. Any thread may call `curl_multi_wakeup`; only the I/O thread calls
/// the other functions.
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
