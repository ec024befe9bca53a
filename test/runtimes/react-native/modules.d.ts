// What the app takes of React Native, whose own types are Flow's.
declare module 'react-native/Libraries/Core/InitializeCore';
declare module 'react-native/Libraries/EventEmitter/RCTDeviceEventEmitter' {
  const emitter: { emit(event: string, payload: unknown): void };
  export default emitter;
}
declare module 'react-native/Libraries/AppState/AppState' {
  const AppState: {
    addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
  };
  export default AppState;
}
