import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("The machine of a transfer: files, and the hold limit")
struct TransferMachineCollectingTests {
    private static let identity = MachineScript.identity()
    private static let found = FoundTransfer(.sample(.completed(.succeeded)), destination: identity.destination)

    private static func collecting(_ order: TransferOrder = MachineScript.order()) -> MachineScript {
        var script = MachineScript.following(order)
        script.list(.sample(.completed(.succeeded)), at: 1)
        return script
    }

    @Test("The file of a succeeded transfer is brought, and its record and folder are removed")
    func collects() {
        var script = MachineScript.following()
        let asked: [TransferCommand] = [.findFile(Self.found, usesEvents: true)]
        #expect(script.list(.sample(.completed(.succeeded)), at: 1) == asked)
        #expect(script.play(.file(.success(nil))) == [.wait(.milliseconds(200))])
        #expect(script.play(.waited) == asked)
        #expect(script.play(.file(.success("/d/a"))) == [.bring("/d/a", Self.identity)])
        #expect(script.play(.brought(.success(MachineScript.file))) == [.remove(SlskdTransfer.first)])
        #expect(script.play(.removed(.success(true))) == [.clear(Self.identity.destination)])
        #expect(script.result == .acquired(MachineScript.file))
    }

    @Test("A record that cannot be removed does not cost the file")
    func staysListed() {
        var script = Self.collecting()
        script.play(.file(.success("/d/a")), .brought(.success(MachineScript.file)))
        let commands = script.play(.removed(.failure(SlskdError(.unavailable, "no"))))
        #expect(commands == [.log(.staysListed("no")), .clear(Self.identity.destination)])
        #expect(script.result == .acquired(MachineScript.file))
    }

    @Test("A file that slskd cannot move fails the candidate after a minute, or at once when slskd says so")
    func notMoved() {
        var script = Self.collecting()
        #expect(script.play(.file(.success(nil)), at: 4) == [.readRecord(SlskdTransfer.first)])
        var said = script
        #expect(script.play(.record(.success(nil))) == [.wait(.seconds(1))])
        script.play(.waited)
        #expect(script.play(.file(.success(nil)), at: 62) == [.remove(SlskdTransfer.first)])
        script.play(.removed(.success(true)))
        #expect(script.failure == .unreadable)
        said.play(.record(.success(.sample(.completed(.succeeded)) { $0.exception = "Failed to move file" })), .waited)
        #expect(said.play(.file(.success(nil)), at: 5) == [.remove(SlskdTransfer.first)])
    }

    @Test("A file that changed ends its transfer; with a full disk it stays at slskd for the next attempt")
    func problems() {
        for (code, isEnded) in [
            (SourceError.Code.changed, true), (.gone, true), (.unreadable, true), (.diskFull, false),
            (.permissionDenied, false),
        ] {
            var script = Self.collecting()
            script.play(.file(.success("/d/a")))
            let commands = script.play(.brought(.failure(SourceError(code, "no"))))
            #expect(commands == (isEnded ? [.remove(SlskdTransfer.first)] : []))
            script.play(.removed(.success(true)))
            #expect(script.failure == code)
        }
    }

    // MARK: - The hold limit

    private static let held = MachineScript.order {
        ($0.holdEnds, $0.patience) = (MachineScript.start + .seconds(100), .seconds(1000))
    }

    @Test("At the hold limit a running or queued transfer is handed back, and nothing is removed")
    func handsBack() {
        for state in [SlskdTransferState.inProgress, .queuedLocally, .requested, .initializing, .unknown] {
            var script = MachineScript.following(Self.held)
            script.list(.sample(.inProgress, bytes: 1), at: 99)
            #expect(script.state == "following")
            let commands = script.list(.sample(state, bytes: 2), at: 100)
            #expect(commands.allSatisfy { if case .report = $0 { true } else { false } }, "\(commands)")
            #expect(script.result == .handedBack)
        }
    }

    @Test("At the hold limit every wait is handed back")
    func handsBackWaits() {
        var looking = MachineScript.listing(Self.held)
        looking.list(at: -1)
        #expect(looking.list(at: -1) == [.nextUpdate])
        let late = TransferEvent.updated(.init(requestedAt: MachineScript.start - .seconds(1), content: .transfers([])))
        #expect(looking.play(late, at: 100) == [] && looking.result == .handedBack)
        var ordering = MachineScript.ordering(Self.held)
        #expect(ordering.play(.ordered(.failure(SlskdError(.timedOut, "no"))), at: 100) == [])
        #expect(ordering.result == .handedBack)
        var failing = MachineScript.following(Self.held)
        #expect(failing.listFails(at: 100) == [] && failing.result == .handedBack)
        var restarted = MachineScript.following(Self.held)
        #expect(restarted.list(.cutOff, at: 100) == [] && restarted.result == .handedBack)
        var collecting = Self.collecting(MachineScript.order { $0.holdEnds = MachineScript.start + .seconds(2) })
        #expect(collecting.play(.file(.success(nil)), at: 2) == [] && collecting.result == .handedBack)
    }

    @Test("A succeeded transfer is collected, and an end that has begun is completed, also at the hold limit")
    func finishesAtTheLimit() {
        var script = MachineScript.following(Self.held)
        #expect(script.list(.sample(.completed(.succeeded)), at: 101) == [.findFile(Self.found, usesEvents: true)])
        script.play(.file(.success("/d/a")), .brought(.success(MachineScript.file)), .removed(.success(true)))
        #expect(script.result == .acquired(MachineScript.file))
        var rejected = MachineScript.following(Self.held)
        rejected.list(.sample(.completed(.rejected)), at: 101)
        rejected.play(.removed(.success(true)))
        #expect(rejected.failure == .refused)
    }

    @Test("The wait for a slot does not exceed the hold limit")
    func waitsForSlot() {
        var script = MachineScript.listing(MachineScript.order { $0.holdEnds = MachineScript.start + .seconds(7) })
        #expect(script.list(at: 0) == [.acquireSlot(within: .seconds(7))])
    }
}
