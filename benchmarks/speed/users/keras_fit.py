"""What a user of Keras writes: `keras_fit.py TRAIN.csv VALID.csv OUT.csv`.

Trains on one table and writes the predictions of another.
"""

import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import pandas as pd

train_file, valid_file, out = sys.argv[1:]
train, valid = pd.read_csv(train_file), pd.read_csv(valid_file)
x, y = train.drop(columns="y").to_numpy("float32"), train["y"].to_numpy("float32")
xv, yv = valid.drop(columns="y").to_numpy("float32"), valid["y"].to_numpy("float32")
model = keras.Sequential(
    [
        keras.Input((x.shape[1],)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
model.fit(x, y, validation_data=(xv, yv), epochs=10, batch_size=32, verbose=0)
predicted = model.predict(xv, verbose=0)
pd.DataFrame({"y": predicted[:, 0]}).to_csv(out, index=False)
