import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("The machine of a transfer: orders")
struct TransferMachineOrderingTests {
    private static let identity = MachineScript.identity()
    private static let again: [TransferCommand] = [.order(identity)]

    private static func failed(_ meaning: SlskdError.Meaning) -> TransferEvent {
        .ordered(.failure(SlskdError(meaning, "no")))
    }

    private static let knownWithoutTransfer = TransferEvent.ordered(
        .success(SlskdEnqueued(transfers: [], batchID: identity.batchID, wasKnown: true)))

    @Test("An accepted order is followed")
    func accepted() {
        var script = MachineScript.listing()
        #expect(script.list(at: 0) == [.acquireSlot(within: .seconds(20))])
        #expect(script.play(.slot) == Self.again)
        let transfer = SlskdTransfer.sample(.queuedLocally)
        let commands = script.play(
            .ordered(.success(SlskdEnqueued(transfers: [transfer], batchID: Self.identity.batchID))))
        let found = FoundTransfer(transfer, destination: Self.identity.destination)
        #expect(commands == [.report(.ordered), .follow(found), .nextUpdate])
    }

    @Test("After a lost response the list shows whether the file was ordered")
    func lostResponse() {
        var script = MachineScript.ordering()
        #expect(script.play(Self.failed(.timedOut), at: 10) == [.nextUpdate])
        #expect(script.list(at: 9) == [.nextUpdate])
        let commands = script.list(.sample(.inProgress), at: 11)
        #expect(commands.first == .report(.ordered))
        #expect(script.state == "following")
    }

    @Test("An order without a response is repeated twice, then the peer could not be reached in time")
    func repeats() {
        var script = MachineScript.ordering()
        for second in 1...2 {
            script.play(Self.failed(.timedOut), at: Double(second * 10))
            #expect(script.list(at: Double(second * 10 + 1)) == Self.again)
        }
        script.play(Self.failed(.timedOut), at: 30)
        #expect(script.list(at: 31) == [.checkSlskd])
        script.play(.checked(.ready))
        #expect(script.failure == .timedOut)
    }

    @Test("A slskd that does not respond to orders is unavailable, and the peer is not at fault")
    func unavailable() {
        var script = MachineScript.ordering()
        for second in 1...3 {
            script.play(Self.failed(.unavailable), at: Double(second * 10))
            script.list(at: Double(second * 10 + 1))
        }
        script.play(.checked(.ready))
        #expect(script.lost == false)
    }

    @Test("A peer that sent the file is not blamed for slskd's lost responses")
    func lostResponses() {
        var script = MachineScript.ordering()
        let sent = SlskdTransfer.sample(.completed(.succeeded), batch: nil, bytes: 1000) {
            $0.requestedAt = MachineScript.time + .seconds(5)
        }
        for second in [10.0, 20, 30] {
            script.play(Self.failed(.timedOut), at: second)
            script.list(sent, at: second + 1)
            script.play(.fact(.batch(Self.identity.batchID), .success(.batch(nil))))
        }
        #expect(script.lost == true)
        #expect(script.failure == nil)
    }

    @Test("A busy slskd is asked again for 90 seconds")
    func busy() {
        var script = MachineScript.ordering()
        #expect(script.play(Self.failed(.busy), at: 89) == Self.again)
        #expect(script.play(Self.failed(.busy), at: 91) == [])
        #expect(script.lost == false)
    }

    @Test(
        "A failure of slskd itself is no failure of the peer",
        arguments: [
            (SlskdError.Meaning.notLoggedIn, true), (.unauthorised, false), (.forbidden, false), (.notFound, false),
            (.unexpected(302), false),
        ])
    func own(_ meaning: SlskdError.Meaning, _ isLost: Bool) {
        var script = MachineScript.ordering()
        script.play(Self.failed(meaning), at: 1)
        #expect(script.lost == isLost)
    }

    @Test(
        "A peer fails only while slskd is logged in",
        arguments: [SlskdError.Meaning.peerOffline, .peerUnreachable, .invalid],
        [SlskdCondition.ready, .notLoggedIn, .silent])
    func peers(_ meaning: SlskdError.Meaning, _ condition: SlskdCondition) {
        var script = MachineScript.ordering()
        #expect(script.play(Self.failed(meaning), at: 1) == [.checkSlskd])
        script.play(.checked(condition))
        #expect(script.failure == (condition == .ready ? .refused : nil))
        #expect(script.lost == (condition == .ready ? nil : true))
    }

    @Test("An order that failed at the peer is repeated after slskd was checked")
    func peerFailed() {
        var script = MachineScript.ordering()
        #expect(script.play(Self.failed(.peerFailed), at: 1) == [.checkSlskd])
        #expect(script.play(.checked(.ready)) == [.nextUpdate])
        #expect(script.list(at: 2) == Self.again)
        script.play(Self.failed(.peerFailed), at: 3)
        #expect(script.play(.checked(.notLoggedIn)) == [])
        #expect(script.lost == true)
    }

    @Test("After a lost response a late transfer is waited for in fifteen lists")
    func late() {
        var script = MachineScript.ordering()
        script.play(Self.failed(.timedOut), at: 10)
        script.list(at: 11)
        #expect(script.play(Self.knownWithoutTransfer, at: 12) == [.nextUpdate])
        var late = script
        for second in 13..<27 { #expect(script.list(at: Double(second)) == [.nextUpdate]) }
        #expect(script.list(at: 27).last == .checkSlskd)
        #expect(script.play(.checked(.ready)) == [.prepare(MachineScript.identity(1))])
        late.list(at: 13)
        late.list(.sample(.inProgress), at: 14)
        #expect(late.state == "following")
    }

    @Test("An order that slskd has without a transfer is ordered under the next number")
    func known() {
        var script = MachineScript.ordering()
        let commands = script.play(Self.knownWithoutTransfer, at: 1)
        #expect(commands.first == .follow(nil) && commands.suffix(2) == [.releaseSlot, .checkSlskd])
        #expect(script.play(.checked(.ready)) == [.prepare(MachineScript.identity(1))])
    }

    @Test("Three lost orders end the run without blame; after a restart of slskd they are ordered in a later round")
    func threeLosses() {
        for isCutOff in [false, true] {
            var script = MachineScript.ordering()
            for number in 0..<3 {
                let batch = MachineScript.identity(number).batchID
                let removed = SlskdTransfer.sample(.completed(isCutOff ? .errored : .cancelled), batch: batch) {
                    ($0.isRemoved, $0.exception) = (true, isCutOff ? "Application shut down" : nil)
                }
                let known = SlskdEnqueued(transfers: [removed], batchID: batch, wasKnown: true)
                script.play(.ordered(.success(known)), .checked(.ready), .prepared(.success(nil)), at: Double(number))
                script.list(at: Double(number))
                script.play(.slot)
            }
            #expect(script.failure == (isCutOff ? nil : .lost))
            #expect(script.lost == (isCutOff ? true : nil))
        }
    }

    @Test("A refused order continues the transfer that slskd has, waits for another client's, or fails")
    func refused() {
        let refusal = TransferEvent.ordered(
            .success(SlskdEnqueued(transfers: [], batchID: Self.identity.batchID, failures: ["Too many files"])))
        var own = MachineScript.ordering()
        #expect(own.play(refusal, at: 1) == [.nextUpdate])
        own.list(.sample(.inProgress), at: 2)
        #expect(own.state == "following")
        var foreign = MachineScript.ordering()
        foreign.play(refusal, at: 1)
        foreign.list(.sample(.inProgress, batch: nil), at: 2)
        foreign.play(.fact(.version, .success(.version(.batches))))
        foreign.play(.fact(.batch(Self.identity.batchID), .success(.batch(nil))))
        #expect(foreign.isThrottled)
        var none = MachineScript.ordering()
        none.play(refusal, at: 1)
        none.list(.sample(.completed(.cancelled), batch: nil), at: 2)
        #expect(none.failure == .refused)
    }
}
